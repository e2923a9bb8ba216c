import { PT_LOAD, SHF_ALLOC, SHF_WRITE, SHT_NOBITS } from '../../elf/index.js';
import { patchErrors } from '../../errors/patch.js';
import { addressText, signedAddress, type SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';
import type { RewrittenKernel } from '../patched-text.js';

/**
 * Freezing a static key: its sites keep the state they were resolved to, whatever becomes of the
 * key. Needed for keys in .bss, which cannot begin as anything but off: the kernel would find text
 * that does not agree with the key, and stop (jump_label.c: bug_at()). Their entries are given
 * to a key of no one, that begins as off and that nothing ever switches.
 */

/** `struct static_key`: the count, and the pointer that jump_label_init() writes. */
const keySize: Bytes = 16;
/** Of `struct jump_entry`: two 32-bit fields before it; its lowest bits are flags. */
const keyField: Bytes = 8;
const flags = 3n;

/**
 * Finds room for the key of no one: zeros between two sections of a writable segment, which are
 * loaded, and which nothing refers to.
 * @throws patch-outside
 */
export function roomForKey({ elf, label }: PatchKernel): SignedAddress {
  const ends = elf.sections
    .filter(({ flags: f, size }) => (f & SHF_ALLOC) !== 0n && size > 0)
    .map((section) => ({
      ...section,
      start: signedAddress(section.address),
      writable: (section.flags & SHF_WRITE) !== 0n && section.type !== SHT_NOBITS,
    }))
    .sort((a, b) => a.start - b.start);
  for (const [i, section] of ends.entries()) {
    const next = ends[i + 1];
    if (!section.writable || !next) continue;
    const at = Math.ceil((section.start + section.size) / 16) * 16;
    if (at + keySize <= next.start && isLoaded(elf.segments, at)) return at;
  }
  throw patchErrors.outside({
    what: `room for a static key of no one in ${label}`,
    address: addressText(0),
    size: keySize,
  });
}

function isLoaded(segments: PatchKernel['elf']['segments'], at: SignedAddress): boolean {
  return segments.some(({ type, virtualAddress, fileSize }) => {
    const start = signedAddress(virtualAddress);
    return type === PT_LOAD && at >= start && at + keySize <= start + fileSize;
  });
}

/**
 * Gives entries of the jump table to another key.
 * @param entries addresses of `struct jump_entry`
 */
export function giveEntriesTo(
  key: SignedAddress,
  entries: Iterable<SignedAddress>,
  text: RewrittenKernel,
): void {
  for (const entry of entries) {
    const at = entry + keyField;
    const old = Buffer.from(text.get(at, 8)).readBigInt64LE();
    const field = Buffer.alloc(8);
    field.writeBigInt64LE(BigInt(key - at) | (BigInt.asUintN(64, old) & flags));
    text.put(at, field, { family: 'static-key', index: -1 });
  }
}
