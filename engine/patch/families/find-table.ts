import { patchErrors } from '../../errors/patch.js';
import { lastNotAbove, type SignedAddress } from '../../kernel/address.js';
import { iced, withDecoder } from '../../kernel/iced.js';
import { addressOfName } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { bytesAt, tableOf, type PatchKernel } from '../kernel.js';

/** A table as it is in the file. */
export interface TableBytes {
  start: SignedAddress;
  /** Never written to. */
  bytes: Uint8Array;
}

/** A table that the linker script put between two labels, and the function that walks it at boot. */
export interface LabelledTable {
  /** The input section; the final link keeps it as a section only in some versions. */
  section: string;
  start: string;
  end: string;
  /** A function that has both bounds as operands. */
  walker: string;
  entrySize: Bytes;
  /** Whether the bytes at an address read as an entry: tells the bounds from other operands. */
  isEntry: (table: TableBytes, offset: Bytes) => boolean;
}

/**
 * Finds a table by its labels, as a section of its own, or, in a stripped kernel whose kallsyms has
 * no data, by the operands of the function that walks it: the two between which everything is an entry.
 * Undefined where the kernel has no such function, and so no such table.
 * @throws patch-table-unknown, patch-outside
 */
export function findTable(kernel: PatchKernel, table: LabelledTable): TableBytes | undefined {
  const { names, label } = kernel;
  const found = tableOf(kernel, table);
  if (found) return found;
  if (names.row.has(table.start) && names.row.has(table.end)) return undefined;
  const walker = addressOfName(names, table.walker);
  if (walker === undefined && names.length > 0) return undefined;
  const byOperands = walker === undefined ? undefined : boundsIn(kernel, walker, table);
  if (byOperands) return byOperands;
  throw patchErrors.tableUnknown({ table: table.section, file: label, walker: table.walker });
}

/** No walker is longer; most have 200 bytes. */
const longestWalker: Bytes = 4096;

/** The largest range between two operands of a function in which everything is an entry. */
function boundsIn(
  kernel: PatchKernel,
  walker: SignedAddress,
  { section, entrySize, isEntry }: LabelledTable,
): TableBytes | undefined {
  const operands = dataOperands(kernel, walker);
  let largest: TableBytes | undefined;
  for (const start of operands) {
    for (const end of operands) {
      const size = end - start;
      if (size <= (largest?.bytes.length ?? 0) || size % entrySize !== 0) continue;
      const within = kernel.sections[sectionAt(kernel.sections, start)];
      if (!within || end > within.start + within.bytes.length) continue;
      const candidate = { start, bytes: bytesAt(kernel, start, size, section) };
      if (holdsEntries(candidate, entrySize, isEntry)) largest = candidate;
    }
  }
  return largest;
}

function holdsEntries(
  table: TableBytes,
  entrySize: Bytes,
  isEntry: LabelledTable['isEntry'],
): boolean {
  for (let at = 0; at < table.bytes.length; at += entrySize) {
    if (!isEntry(table, at)) return false;
  }
  return true;
}

/** Addresses outside of code that a function's instructions name, as immediates or rip-relative. */
function dataOperands(kernel: PatchKernel, start: SignedAddress): Set<SignedAddress> {
  const { sections, names } = kernel;
  const found = new Set<SignedAddress>();
  const section = sections[sectionAt(sections, start)];
  if (!section) return found;
  const next = names.start[lastNotAbove(names.start, names.length, start) + 1] ?? Infinity;
  const end = Math.min(next, section.start + section.bytes.length, start + longestWalker);
  const code = bytesAt(kernel, start, Math.max(0, end - start), 'code');
  const keep = (address: SignedAddress): void => {
    // A table may end where its section does.
    const at = [address, address - 1].map((one) => sections[sectionAt(sections, one)]);
    if (at.some((holder) => holder?.executable === false)) found.add(address);
  };
  withDecoder(code, 64, ({ decoder, instruction }) => {
    const { OpKind } = iced();
    decoder.ip = BigInt.asUintN(64, BigInt(start));
    while (decoder.canDecode) {
      decoder.decodeOut(instruction);
      if (instruction.isIpRelMemoryOperand) keep(signed(instruction.ipRelMemoryAddress));
      for (let i = 0; i < instruction.opCount; i++) {
        const kind = instruction.opKind(i);
        if (kind === OpKind.Immediate32to64 || kind === OpKind.Immediate64) {
          keep(signed(instruction.immediate(i)));
        }
      }
    }
  });
  return found;
}

function signed(value: bigint): SignedAddress {
  return Number(BigInt.asIntN(64, value));
}
