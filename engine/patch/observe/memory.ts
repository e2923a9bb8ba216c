import { patchErrors } from '../../errors/patch.js';
import { addressText, type SignedAddress } from '../../kernel/address.js';
import type { LoadedSection } from '../../kernel/sections.js';
import type { AddressRange, PatchKernel } from '../kernel.js';
import type { KernelMemory } from '../types.js';

/** Memory that begins at an address. What it gives are views: not to be written to. */
export function kernelMemory(start: SignedAddress, given: Uint8Array): KernelMemory {
  // No Buffer, whose `slice` is a view as well.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length);
  return {
    read(address, size, what) {
      const from = address - start;
      if (from < 0 || from + size > bytes.length) {
        throw patchErrors.memoryMissing({ what, address: addressText(address), size });
      }
      return bytes.subarray(from, from + size);
    },
  };
}

/**
 * Whether a section lies where the kernel runs, in the upper half. Per-CPU data of x86-64
 * has addresses from 0, and is copied elsewhere at boot.
 */
export function isImage({ start }: LoadedSection): boolean {
  return start < 0;
}

/** Everything that the linker laid out, .bss and what is freed after boot included. */
export function imageRange({ sections, label }: PatchKernel): AddressRange {
  const image = sections.filter(isImage);
  if (image.length === 0) {
    throw patchErrors.memoryNotFound({ label, why: 'it has no section in the upper half' });
  }
  return {
    start: Math.min(...image.map(({ start }) => start)),
    end: Math.max(...image.map(({ start, size }) => start + size)),
  };
}
