import type { Bytes } from '../units.js';
import { lastNotAbove, type SignedAddress } from '../kernel/address.js';
import { normalisedContent, textAt, textHash } from './anonymous.js';
import { firstFieldFrom, type IndexIntoFieldTable } from './fields.js';
import { isFill, zerosFrom } from './fill.js';
import type { LoadedSection } from '../kernel/sections.js';
import { normalisedName } from './names.js';
import type { Side } from './side.js';
import type { TargetResolver } from './targets.js';

/** A piece of what no symbol covers. */
export interface Piece {
  section: string;
  label: string;
  size: Bytes;
  /** A hash that is equal for equal pieces; `fill` for fill. */
  content: number;
}

export const fill = 0;

/** struct orc_entry: two offsets of 16 bits, two bytes of bit fields. */
const orcEntrySize: Bytes = 6;

/** The pieces of one kernel; in sections without contents everything is fill. */
export function pieces(
  { side, starts }: TargetResolver,
  resolve: (field: IndexIntoFieldTable) => number,
): Piece[] {
  const { image, places } = side;
  const { table, labels } = places;
  const found: Piece[] = [];
  let row = 0;
  image.sections.forEach((section, position) => {
    const sectionEnd = sectionEndOf(section);
    let at = section.start;
    while (row < table.length && table.section[row]! < position) row++;
    for (; at < sectionEnd; row++) {
      const isInside = row < table.length && table.section[row] === position;
      const gapEnd = isInside ? table.start[row]! : sectionEnd;
      if (at < gapEnd) cutGap(at, gapEnd, section, position);
      if (!isInside) break;
      at = gapEnd + table.size[row]!;
    }
  });
  return found;

  /** Cuts a gap at labels. */
  function cutGap(
    from: SignedAddress,
    end: SignedAddress,
    section: LoadedSection,
    position: number,
  ): void {
    if (section.bytes.length === 0) {
      found.push({ section: section.name, label: '', size: end - from, content: fill });
      return;
    }
    if (section.name === '.orc_unwind' && addOrcEntries(from, end, section)) return;
    for (let at = from; at < end;) {
      const label = lastNotAbove(labels.start, labels.length, at);
      const next = label + 1 < labels.length ? labels.start[label + 1]! : Infinity;
      // Only a label at its very start says what a part is; a section's start needs none.
      const isNamed = labels.section[label] === position && labels.start[label] === at;
      const name = isNamed && at > section.start ? normalisedName(labels.name[label]!) : '';
      cutPart(at, Math.min(end, next), section, name);
      at = Math.min(end, next);
    }
  }

  /**
   * `.orc_unwind` has an entry (struct orc_entry, arch/x86 asm/orc_types.h) for
   * each address of `.orc_unwind_ip`: each is compared together with its address.
   */
  function addOrcEntries(from: SignedAddress, end: SignedAddress, section: LoadedSection): boolean {
    const ip = image.sections.find(({ name }) => name === '.orc_unwind_ip');
    if (!ip || from !== section.start || end !== sectionEndOf(section)) return false;
    const first = firstFieldFrom(side.fields, ip.start);
    const count = ip.size / 4;
    const isComplete = firstFieldFrom(side.fields, sectionEndOf(ip)) - first === count;
    if (!isComplete || section.size !== count * orcEntrySize) return false;
    for (let i = 0; i < count; i++) {
      const at = i * orcEntrySize;
      const target = resolve(first + i);
      const next = at + orcEntrySize;
      const content = normalisedContent(section, at, next, side.fields, resolve, target);
      found.push({ section: section.name, label: '', size: orcEntrySize, content });
    }
    return true;
  }

  /** Cuts a part into the entries of a table, or at what is referred to. */
  function cutPart(
    from: SignedAddress,
    end: SignedAddress,
    section: LoadedSection,
    label: string,
  ): void {
    const { size: entry, end: tableEnd } = entries(side, from, end);
    let start = lastNotAbove(starts, starts.length, from) + 1;
    for (let at = from; at < end;) {
      while (start < starts.length && starts[start]! <= at) start++;
      const isStart = at === from || starts[start - 1] === at;
      const inTable = at < tableEnd;
      const next = inTable ? at + entry : Math.min(end, starts[start] ?? Infinity);
      // A table belongs to its label; of other data only what begins there does.
      const name = inTable || at === from ? label : '';
      if (!isStart && !inTable) {
        const zeros = zerosFrom(section, at - section.start, next - section.start);
        if (zeros > 0) {
          found.push({ section: section.name, label: name, size: zeros, content: fill });
          at += zeros;
          continue;
        }
      }
      at += addPiece(
        section,
        name,
        at - section.start,
        next - section.start,
        end - section.start,
        inTable,
      );
    }
  }

  /** Adds one piece, and returns its size. */
  function addPiece(
    section: LoadedSection,
    label: string,
    from: Bytes,
    next: Bytes,
    end: Bytes,
    inTable: boolean,
  ): Bytes {
    let size = next - from;
    let content = fill;
    if (!isFill(section, from, next)) {
      const text =
        inTable || section.executable
          ? undefined
          : textAt(section, side.fields, section.start + from, section.start + next);
      if (text !== undefined && from + text.length < end) {
        // The linker merges a text into the end of another: only the longer one is a piece.
        size = text.length + 1;
        content = textHash(text);
      } else {
        content = normalisedContent(section, from, next, side.fields, resolve);
      }
    }
    found.push({ section: section.name, label, size, content });
    return size;
  }
}

/**
 * The entries of a table, read off its relocated fields: the shortest period
 * with which all of them recur, and where the last entry ends. Size 0 where
 * there is none.
 */
function entries(
  { fields }: Side,
  from: SignedAddress,
  end: SignedAddress,
): { size: Bytes; end: SignedAddress } {
  const none = { size: 0, end: from };
  const first = firstFieldFrom(fields, from);
  const last = firstFieldFrom(fields, end);
  for (let perEntry = 1; perEntry <= Math.min(8, (last - first) / 2); perEntry++) {
    const size = fields.start[first + perEntry]! - fields.start[first]!;
    const lead = fields.start[first]! - from;
    if (lead >= size) return none;
    let holds = true;
    for (let i = first; holds && i + perEntry < last; i++) {
      holds = fields.start[i + perEntry]! - fields.start[i]! === size;
    }
    const tableEnd = from + ((last - first) / perEntry) * size;
    if (holds && (last - first) % perEntry === 0 && tableEnd <= end) return { size, end: tableEnd };
  }
  return none;
}

function sectionEndOf({ start, size }: LoadedSection): SignedAddress {
  return start + size;
}
