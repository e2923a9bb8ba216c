import type { SignedAddress } from '../kernel/address.js';
import type { Bytes } from '../units.js';
import type { PatchKernel } from './kernel.js';
import { directWrites } from './observe/direct-writes.js';
import type { KernelMemory } from './types.js';

/** Code as a file has it against code as memory has it, from `_stext` to `_etext`. */
export interface TextComparison {
  /** Bytes that were compared. */
  size: Bytes;
  /** Bytes that the kernel changed at boot, against the file that was booted. */
  changedAtBoot: Bytes;
  /** Bytes in which the patched file is not what memory was. */
  different: Bytes;
  /** Of these, bytes in sites that were to be left to the kernel: they must differ until it runs. */
  left: Bytes;
  /** Bytes that the kernel writes at boot by name, into no site: it does so again, whatever is there. */
  byName: Bytes;
  /** Runs of bytes that differ, ascending; the first ones when there are many. */
  runs: TextDifference[];
}

export interface TextDifference {
  address: SignedAddress;
  file: Uint8Array;
  memory: Uint8Array;
}

/** More differences than this are counted, not listed. */
const mostRuns = 1000;

/**
 * Compares a payload's code with a booted kernel's.
 * @param payload unpacked, of the kernel's own layout
 * @param isLeft whether a byte is in a site that was left to the kernel, as it was asked for
 * @throws patch-memory-missing
 */
export function compareText(
  kernel: PatchKernel,
  payload: Uint8Array,
  memory: KernelMemory,
  isLeft: (address: SignedAddress) => boolean = () => false,
): TextComparison {
  const { start, end } = kernel.text;
  const result: TextComparison = {
    ...{ size: 0, changedAtBoot: 0, different: 0, left: 0, byName: 0, runs: [] },
  };
  for (const section of kernel.sections) {
    const from = Math.max(start, section.start);
    const to = Math.min(end, section.start + section.bytes.length);
    if (from >= to || !section.executable) continue;
    const at = section.offset + (from - section.start);
    const file = payload.subarray(at, at + (to - from));
    const original = kernel.payload.subarray(at, at + (to - from));
    const seen = new Uint8Array(memory.read(from, to - from, section.name));
    result.size += file.length;
    result.changedAtBoot += countDifferent(original, seen);
    for (const { address, size } of directWrites(kernel)) {
      const [first, last] = [Math.max(address, from) - from, Math.min(address + size, to) - from];
      if (first >= last) continue;
      result.byName += countDifferent(file.subarray(first, last), seen.subarray(first, last));
      seen.set(file.subarray(first, last), first);
    }
    addRuns(result, from, file, seen, isLeft);
  }
  return result;
}

function countDifferent(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  return count;
}

function addRuns(
  result: TextComparison,
  start: SignedAddress,
  file: Uint8Array,
  memory: Uint8Array,
  isLeft: (address: SignedAddress) => boolean,
): void {
  for (let i = 0; i < file.length; i++) {
    if (file[i] === memory[i]) continue;
    const from = i;
    for (; i < file.length && file[i] !== memory[i]; i++) {
      if (isLeft(start + i)) result.left++;
    }
    result.different += i - from;
    if (result.runs.length >= mostRuns) continue;
    result.runs.push({
      address: start + from,
      file: file.slice(from, i),
      memory: memory.slice(from, i),
    });
  }
}
