import type { SignedAddress } from '../../kernel/address.js';
import { lastNotAbove } from '../../kernel/address.js';
import { bytesAt, type PatchKernel } from '../kernel.js';
import { imageRange } from '../observe/memory.js';
import type { KernelMemory, SiteTable } from '../types.js';
import { immediateFor } from './immediate.js';
import type { IndexIntoReferenceTable, ReferenceTable } from './references.js';
import type { Refusal } from './types.js';
import type { VariableTable } from './variables.js';

/** One load, and what it becomes or why it stays. */
export interface LoadReplacement {
  /** Row of the reference. */
  reference: IndexIntoReferenceTable;
  address: SignedAddress;
  before: Uint8Array;
  /** Undefined where it is refused. */
  after: Uint8Array | undefined;
  refused: Refusal | undefined;
  /** Fields of the kernel's abs32 list that are no longer addresses. */
  dropped: SignedAddress[];
  /** Absolute 32-bit fields that are addresses now. */
  added: SignedAddress[];
}

/** What every load of a kernel is replaced with. */
export interface Replacing {
  kernel: PatchKernel;
  /** Memory of the kernel after boot, where the values are. */
  memory: KernelMemory;
  variables: VariableTable;
  references: ReferenceTable;
  /** Tables of patch sites: the kernel rewrites them, whatever is there. */
  sites: readonly SiteTable[];
}

/**
 * What a load becomes with the value that was seen in memory. Pure.
 * @throws patch-memory-missing, patch-outside
 */
export function replaceLoads(
  { kernel, memory, variables, references, sites }: Replacing,
  loads: readonly IndexIntoReferenceTable[],
): LoadReplacement[] {
  const image = imageRange(kernel);
  const movable = kernel.relocations.abs32.length + kernel.relocations.abs64.length > 0;
  const abs32 = new Set(kernel.relocations.abs32);
  const rewritten = siteRanges(sites);
  return loads.map((reference): LoadReplacement => {
    const address = references.address[reference]!;
    const size = references.size[reference]!;
    const access = references.access[reference]!;
    const variable = references.variable[reference]!;
    const name = variables.name[variable]!;
    const offset = references.offset[reference]!;
    const before = bytesAt(kernel, address, size, `a load of ${name}`);
    const target = variables.start[variable]! + offset;
    const refuse = (refused: Refusal): LoadReplacement => ({
      ...{ reference, address, before, refused, after: undefined, dropped: [], added: [] },
    });
    const there = memory.read(address, size, `a load of ${name}`);
    if (rewritten(address, size) || Buffer.compare(there, before) !== 0) return refuse('site');
    if (offset + access > variables.size[variable]!) return refuse('partial');
    // A copy: the snapshot is a view, and what is kept must not hold all of it.
    const value = memory.read(target, access, name).slice();
    if (access < 8 && isPartOfAddress(memory, variables, reference, references, image)) {
      return refuse('partial');
    }
    const replacement = immediateFor({
      ...{ bytes: before, address, value, image, text: kernel.text },
    });
    if (replacement.refused !== undefined) return refuse(replacement.refused);
    const { bytes, addressAt } = replacement;
    const fields = Array.from({ length: size }, (_, i) => address + i);
    return {
      ...{ reference, address, before, after: bytes, refused: undefined },
      dropped: fields.filter((field) => abs32.has(field)),
      added: movable && addressAt !== undefined ? [address + addressAt] : [],
    };
  });
}

/** Whether fewer than 8 bytes are taken of 8 that are an address, which would move with KASLR. */
function isPartOfAddress(
  memory: KernelMemory,
  variables: VariableTable,
  reference: IndexIntoReferenceTable,
  references: ReferenceTable,
  image: { start: number; end: number },
): boolean {
  const variable = references.variable[reference]!;
  const word = references.offset[reference]! & ~7;
  if (word + 8 > variables.size[variable]!) return false;
  const bytes = memory.read(variables.start[variable]! + word, 8, variables.name[variable]!);
  const value = Buffer.from(bytes).readBigInt64LE();
  return value >= BigInt(image.start) && value < BigInt(image.end);
}

/** Tells whether some bytes lie in a patch site. */
function siteRanges(
  sites: readonly SiteTable[],
): (address: SignedAddress, size: number) => boolean {
  const ranges = sites
    .flatMap(({ length, address, size }) =>
      Array.from({ length }, (_, i): [number, number] => [address[i]!, address[i]! + size[i]!]),
    )
    .sort(([a], [b]) => a - b);
  const starts = Float64Array.from(ranges, ([start]) => start);
  // The furthest end so far: sites may lie in each other.
  const ends = new Float64Array(ranges.length);
  ranges.forEach(([, end], i) => (ends[i] = Math.max(end, i > 0 ? ends[i - 1]! : -Infinity)));
  return (address, size) => {
    const row = lastNotAbove(starts, starts.length, address + size - 1);
    return row >= 0 && ends[row]! > address;
  };
}
