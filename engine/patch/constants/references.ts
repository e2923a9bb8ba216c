import type * as Iced from 'iced-x86';
import type { SignedAddress } from '../../kernel/address.js';
import { lastNotAbove } from '../../kernel/address.js';
import { iced, withDecoder } from '../../kernel/iced.js';
import type { NameTable } from '../../kernel/names.js';
import type { LoadedSection } from '../../kernel/sections.js';
import type { AddressRange, PatchKernel } from '../kernel.js';
import { variableAt, type IndexIntoVariableTable, type VariableTable } from './variables.js';

/** What an instruction does with a variable that it names by its plain address. */
export const referenceKinds = [
  'load',
  'extend',
  'compare',
  'test',
  'arithmetic',
  'push',
  'call',
  'jump',
  'other',
  'store',
  'address',
] as const;
export type ReferenceKind = (typeof referenceKinds)[number];

export type IndexIntoReferenceTable = number;

/** Instructions with an operand that is a plain address in one of some variables, by address. */
export interface ReferenceTable {
  length: number;
  /** Of the instruction. */
  address: Float64Array<ArrayBuffer>;
  /** Bytes of the instruction. */
  size: Uint8Array<ArrayBuffer>;
  variable: Uint32Array<ArrayBuffer>;
  /** Bytes from the variable's start to what is accessed. */
  offset: Float64Array<ArrayBuffer>;
  /** Bytes that are accessed; 0 for `address`. */
  access: Uint8Array<ArrayBuffer>;
  /** Index into `referenceKinds`. `store` is everything that writes, whatever it reads before. */
  kind: Uint8Array<ArrayBuffer>;
}

interface Row {
  address: SignedAddress;
  size: number;
  variable: IndexIntoVariableTable;
  offset: number;
  access: number;
  kind: ReferenceKind;
}

/**
 * Decodes all code between two addresses once. Each name begins an instruction: what a decoder that
 * lost its way says before the next name is not believed.
 */
export function findReferences(
  kernel: PatchKernel,
  variables: VariableTable,
  { start, end }: AddressRange,
): ReferenceTable {
  const rows: Row[] = [];
  for (const section of kernel.sections) {
    const from = Math.max(start, section.start);
    const to = Math.min(end, section.start + section.bytes.length);
    if (section.executable && from < to) {
      scan(section, { start: from, end: to }, kernel.names, variables, rows);
    }
  }
  return {
    length: rows.length,
    address: Float64Array.from(rows, ({ address }) => address),
    size: Uint8Array.from(rows, ({ size }) => size),
    variable: Uint32Array.from(rows, ({ variable }) => variable),
    offset: Float64Array.from(rows, ({ offset }) => offset),
    access: Uint8Array.from(rows, ({ access }) => access),
    kind: Uint8Array.from(rows, ({ kind }) => referenceKinds.indexOf(kind)),
  };
}

function scan(
  section: LoadedSection,
  { start, end }: AddressRange,
  names: NameTable,
  variables: VariableTable,
  rows: Row[],
): void {
  const first = variables.start[0] ?? Infinity;
  const last = variables.length - 1;
  const behind = last < 0 ? -Infinity : variables.start[last]! + variables.size[last]!;
  let name = lastNotAbove(names.start, names.length, start) + 1;
  withDecoder(section.bytes, 64, ({ decoder, instruction }) => {
    const info = new (iced().InstructionInfoFactory)();
    try {
      let at = start;
      seek(decoder, section, at);
      while (at < end) {
        decoder.decodeOut(instruction);
        const next = at + instruction.length;
        if (next === at) break;
        while (name < names.length && names.start[name]! <= at) name++;
        if (name < names.length && names.start[name]! < next) {
          at = names.start[name]!;
          seek(decoder, section, at);
          continue;
        }
        const target = plainAddress(instruction);
        if (target !== undefined && target >= first && target < behind) {
          const variable = variableAt(variables, target);
          if (variable >= 0) {
            const offset = target - variables.start[variable]!;
            const use = useOf(instruction, info);
            if (use) rows.push({ address: at, size: next - at, variable, offset, ...use });
          }
        }
        at = next;
      }
    } finally {
      info.free();
    }
  });
}

function seek(decoder: Iced.Decoder, section: LoadedSection, address: SignedAddress): void {
  decoder.position = address - section.start;
  decoder.ip = BigInt.asUintN(64, BigInt(address));
}

/** The address of a memory operand that no register but %rip takes part in. */
export function plainAddress(instruction: Iced.Instruction): SignedAddress | undefined {
  const { Register } = iced();
  const base = instruction.memoryBase;
  if (base !== Register.RIP) {
    if (base !== Register.None || instruction.memoryDisplSize < 4) return undefined;
    if (instruction.memoryIndex !== Register.None) return undefined;
  }
  const segment = instruction.memorySegment;
  if (segment === Register.GS || segment === Register.FS) return undefined;
  return Number(BigInt.asIntN(64, instruction.memoryDisplacement));
}

/** What an instruction does with its memory operand; undefined where it is no access at all. */
function useOf(
  instruction: Iced.Instruction,
  factory: Iced.InstructionInfoFactory,
): Pick<Row, 'kind' | 'access'> | undefined {
  const { OpAccess, OpKind, Mnemonic, MemorySizeExt } = iced();
  if (instruction.mnemonic === Mnemonic.Lea) return { kind: 'address', access: 0 };
  const info = factory.info(instruction);
  let reads = false;
  let writes = false;
  for (let operand = 0; operand < instruction.opCount; operand++) {
    if (instruction.opKind(operand) !== OpKind.Memory) continue;
    const access = info.opAccess(operand);
    reads ||= access === OpAccess.Read || access === OpAccess.CondRead;
    writes ||=
      access === OpAccess.Write ||
      access === OpAccess.CondWrite ||
      access === OpAccess.ReadWrite ||
      access === OpAccess.ReadCondWrite;
  }
  info.free();
  if (!reads && !writes) return undefined;
  const access = Math.min(255, MemorySizeExt.size(instruction.memorySize));
  return { access, kind: writes ? 'store' : kindOf(instruction.mnemonic) };
}

let kinds: Map<Iced.Mnemonic, ReferenceKind> | undefined;

function kindOf(mnemonic: Iced.Mnemonic): ReferenceKind {
  if (!kinds) {
    const { Mnemonic: M } = iced();
    kinds = new Map([
      [M.Mov, 'load'],
      [M.Movzx, 'extend'],
      [M.Movsx, 'extend'],
      [M.Movsxd, 'extend'],
      [M.Cmp, 'compare'],
      [M.Test, 'test'],
      ...[M.Add, M.Adc, M.Sub, M.Sbb, M.And, M.Or, M.Xor, M.Imul].map(
        (one): [Iced.Mnemonic, ReferenceKind] => [one, 'arithmetic'],
      ),
      [M.Push, 'push'],
      [M.Call, 'call'],
      [M.Jmp, 'jump'],
    ]);
  }
  return kinds.get(mnemonic) ?? 'other';
}

/** Whether a reference only reads. */
export function isLoad(references: ReferenceTable, index: IndexIntoReferenceTable): boolean {
  return referenceKinds[references.kind[index]!] !== 'store' && references.access[index]! > 0;
}
