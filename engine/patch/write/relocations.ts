import type { SignedAddress } from '../../kernel/address.js';
import { readKernelImage } from '../../recipe/index.js';
import type { Bytes } from '../../units.js';

/** Changes to the lists of fields that KASLR corrects, each a set of addresses. */
export interface RelocationChange {
  /** Fields that no longer hold an address. */
  dropped: Set<SignedAddress>;
  /** Absolute 32-bit fields that hold one now. */
  added: Set<SignedAddress>;
  /** 64-bit fields that hold one now. */
  added64?: ReadonlySet<SignedAddress>;
}

/**
 * Rewrites the relocation lists behind an ELF, in place. They are read from the end
 * (handle_relocations(), arch/x86/boot/compressed/misc.c): a list that becomes shorter leaves
 * zeros between the ELF and the first one, where nothing looks.
 * @param payload the unpacked payload, written to
 * @returns how many bytes more than there are the lists would need; 0 when they were rewritten
 */
export function changeRelocations(
  payload: Uint8Array,
  { dropped, added, added64 = new Set() }: RelocationChange,
): Bytes {
  // A kernel that cannot be moved has no lists, and no room for empty ones.
  if (dropped.size + added.size + added64.size === 0) return 0;
  const { relocations, view, elfEnd } = readKernelImage(payload);
  const read = ({ offset, size }: { offset: number; size: Bytes }): SignedAddress[] =>
    Array.from({ length: size / 4 }, (_, i) => view.getInt32(offset + 4 * i, true));
  const changed = (
    list: { offset: number; size: Bytes },
    more: Iterable<SignedAddress> = [],
  ): SignedAddress[] =>
    [...read(list).filter((at) => !dropped.has(at)), ...more].sort((a, b) => a - b);
  const abs32 = changed(relocations.abs32, added);
  const inverse32 = changed(relocations.inverse32);
  const abs64 = changed(relocations.abs64, added64);
  // Each list has a zero in front of it.
  const words = [0, ...abs64, 0, ...inverse32, 0, ...abs32];
  const room = (payload.length - elfEnd) / 4;
  if (words.length > room) return 4 * (words.length - room);
  payload.fill(0, elfEnd);
  let at = payload.length - 4 * words.length;
  for (const word of words) {
    view.setInt32(at, word, true);
    at += 4;
  }
  return 0;
}
