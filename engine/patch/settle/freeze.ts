import { PT_LOAD } from '../../elf/index.js';
import { patchErrors } from '../../errors/patch.js';
import { signedAddress, type SignedAddress } from '../../kernel/address.js';
import type { Bytes, FileOffset } from '../../units.js';
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
const alignment: Bytes = 16;
/** Of `struct jump_entry`: two 32-bit fields before it; its lowest bits are flags. */
const keyField: Bytes = 8;
const flags = 3n;

/**
 * Finds room for the key of no one: zeros between two sections of a segment, which are loaded, and
 * which nothing refers to. jump_label_init() writes there, long before any page of the kernel
 * becomes read-only, and nobody follows the pointer later: the room may be freed with the init
 * sections.
 * @throws patch-no-key-room
 */
export function roomForKey({ sections, elf, payload, label }: PatchKernel): SignedAddress {
  for (const [i, section] of sections.entries()) {
    const at = Math.ceil((section.start + section.size) / alignment) * alignment;
    const next = sections[i + 1];
    if (next && at + keySize > next.start) continue;
    const offset = offsetOf(elf.segments, at);
    if (offset === undefined) continue;
    if (payload.subarray(offset, offset + keySize).every((byte) => byte === 0)) return at;
  }
  throw patchErrors.noKeyRoom({ file: label });
}

/** Where in the file the segment has the bytes of a key at an address. */
function offsetOf(
  segments: PatchKernel['elf']['segments'],
  at: SignedAddress,
): FileOffset | undefined {
  for (const { type, virtualAddress, offset, fileSize } of segments) {
    const inside = at - signedAddress(virtualAddress);
    if (type === PT_LOAD && inside >= 0 && inside + keySize <= fileSize) return offset + inside;
  }
  return undefined;
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
