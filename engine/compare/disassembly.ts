import type { Bytes } from '../units.js';
import type { SignedAddress } from '../kernel/address.js';
import { firstFieldFrom, type IndexIntoFieldTable } from './fields.js';
import { withDecoder } from '../kernel/iced.js';
import { createFormatter, instructionText } from '../kernel/instruction-text.js';
import { sectionOf } from './image.js';
import type { Pairing } from './pairing.js';
import { placeBytes, type IndexIntoPlaceTable } from './places.js';
import { pvOpsNames, type PvOpsNames } from './pv-ops.js';
import type { Side } from './side.js';
import { targetOffset, targetSubject, type Target, type Targets } from './targets.js';

/** Names what fields of one side lead to, in that side's own words. */
export interface Namer {
  side: Side;
  /** `schedule+0x10`, `"a string"`, `pv_ops+0x118 (mmu.flush_tlb)`. */
  text(field: IndexIntoFieldTable): string;
}

export function createNamer(targets: Targets, pairing: Pairing, which: 'a' | 'b'): Namer {
  const resolver = targets[which];
  const { side } = resolver;
  const namesA = targets.a.side.places.table.name;
  const namesB = targets.b.side.places.table.name;
  const pvOps = pvOpsNames(side);
  const nameOf = (subject: number): string | undefined => {
    if (subject >= namesA.length) return namesB[subject - namesA.length];
    const row = which === 'a' ? subject : pairing.ofA[subject]!;
    return (which === 'a' ? namesA : namesB)[row];
  };
  const describe = (target: Target, address: SignedAddress): string => {
    const subject = targetSubject(target);
    const offset = targetOffset(target);
    const text = targets.subjectText(subject);
    if (text !== undefined) return otherText(text, offset, side, address);
    const name = nameOf(subject) ?? '?';
    return name === 'pv_ops' ? pvOpsText(pvOps, offset) : withOffset(name, offset);
  };
  return { side, text: (field) => describe(resolver.of(field), side.fields.target[field]!) };
}

function withOffset(name: string, offset: number): string {
  if (offset === 0) return name;
  return offset > 0 ? `${name}+0x${offset.toString(16)}` : `${name}-0x${(-offset).toString(16)}`;
}

function pvOpsText(names: PvOpsNames, offset: Bytes): string {
  const name = names.get(offset);
  const place = withOffset('pv_ops', offset);
  return name === undefined ? place : `${place} (${name})`;
}

/** What a subject that is no row is called: see createTargets. */
function otherText(text: string, offset: number, { image }: Side, address: SignedAddress): string {
  if (text.startsWith('"')) return `"${escaped(text.slice(1, -1))}"`;
  const [kind = '', rest = ''] = /^(\w+) (.*)$/s.exec(text)?.slice(1) ?? [];
  if (kind === 'label' || kind === 'section') return withOffset(rest, offset);
  if (kind === 'address') return `0x${BigInt.asUintN(64, BigInt(rest)).toString(16)}`;
  const section = image.sections[sectionOf(image, address)];
  return section ? withOffset(section.name, address - section.start) : '?';
}

/** As C would write it: `\n`, `\0016` for a message of KERN_INFO. */
function escaped(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(
      /\\u00([01][0-9a-f])/g,
      (_, hex: string) => `\\${parseInt(hex, 16).toString(8).padStart(3, '0')}`,
    );
}

/** One instruction as text, in the AT&T syntax that objdump prints. */
export interface DisassembledLine {
  /** From the function's start. */
  offset: Bytes;
  size: Bytes;
  text: string;
}

/**
 * Disassembles a function. Address fields are shown by name, jumps within the
 * function by their distance from its start: `jne +0x4f`.
 */
export function disassemble(namer: Namer, row: IndexIntoPlaceTable): DisassembledLine[] {
  const { image, places, fields } = namer.side;
  const start = places.table.start[row]!;
  const bytes = placeBytes(image, places.table, row);
  const lines: DisassembledLine[] = [];
  const formatter = createFormatter();
  let field = firstFieldFrom(fields, start);
  try {
    withDecoder(bytes, image.width, ({ decoder, instruction }) => {
      decoder.ip = 0n;
      for (let offset = 0; offset < bytes.length;) {
        decoder.decodeOut(instruction);
        const size = instruction.length;
        if (size === 0) break;
        const names = new Map<Bytes, string>();
        for (; field < fields.length && fields.start[field]! < start + offset + size; field++) {
          names.set(fields.start[field]! - start - offset, namer.text(field));
        }
        lines.push({ offset, size, text: instructionText(formatter, decoder, instruction, names) });
        offset += size;
      }
    });
  } finally {
    formatter.free();
  }
  return lines;
}
