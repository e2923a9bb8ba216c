import { patchErrors } from '../errors/patch.js';
import { addressText, type SignedAddress } from '../kernel/address.js';
import { sectionAt } from '../kernel/sections.js';
import type { Bytes, FileOffset } from '../units.js';
import type { PatchKernel } from './kernel.js';
import type { PatchedText, WrittenBy } from './types.js';

/** One write, in order. */
export interface Write extends WrittenBy {
  address: SignedAddress;
  before: Uint8Array;
  after: Uint8Array;
}

export interface RewrittenKernel extends PatchedText {
  /** The payload with everything that was written. */
  readonly payload: Uint8Array;
  /** What changed something, in the order in which it was written. */
  readonly writes: readonly Write[];
}

/** Begins to rewrite a copy of a kernel's unpacked payload. */
export function rewrite(kernel: PatchKernel): RewrittenKernel {
  const payload = new Uint8Array(kernel.payload);
  const writes: Write[] = [];
  const at = (address: SignedAddress, size: Bytes): FileOffset => {
    const section = kernel.sections[sectionAt(kernel.sections, address)];
    const from = section ? address - section.start : 0;
    if (!section || from + size > section.bytes.length) {
      throw patchErrors.outside({ what: 'a site', address: addressText(address), size });
    }
    return section.offset + from;
  };
  return {
    kernel,
    payload,
    writes,
    get(address, size) {
      const from = at(address, size);
      return payload.slice(from, from + size);
    },
    put(address, bytes, by) {
      const from = at(address, bytes.length);
      const before = payload.slice(from, from + bytes.length);
      if (Buffer.compare(before, bytes) === 0) return;
      payload.set(bytes, from);
      writes.push({ ...by, address, before, after: bytes.slice() });
    },
  };
}
