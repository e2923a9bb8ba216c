import { bzimageErrors } from '../errors/bzimage.js';
import type { Bytes } from '../units.js';
import { payloadBytes, type BzImage } from './bzimage.js';
import { readPe } from './pe.js';
import { copyOf, setHeaderField, writeCrc } from './write.js';

/**
 * Puts another compressed payload into the place of an image's own. The decompressor around it
 * knows the old length by heart (`input_len`, piggy.S) and the size of what comes out
 * (`output_len`), so the new one may be no longer, and must unpack to as many bytes; what is left of
 * the room is zero, which every decompressor of the kernel takes for the end. Xen and other readers
 * go by `payload_length`, which becomes exact.
 * @param packed with its size appended where the image's own payload has that (all codecs but gzip)
 * @throws bzimage-no-payload, bzimage-payload-no-room
 */
export function replacePayload(image: BzImage, packed: Uint8Array): Uint8Array {
  const room: Bytes = payloadBytes(image).length;
  if (packed.length > room) throw bzimageErrors.payloadNoRoom({ needed: packed.length, room });
  const { offset } = image.payload!;
  const file = copyOf(image.bytes);
  file.fill(0, offset, offset + room);
  file.set(packed, offset);
  setHeaderField(file, 'payload_length', packed.length);
  // What follows the protected-mode code (a signature) is of no use to a changed image, and
  // firmware that is told of one where the file ends takes the file for damaged.
  const entry = readPe(file)?.certificateEntry ?? null;
  if (entry !== null) file.fill(0, entry, entry + 8);
  const end = image.protectedMode.offset + image.protectedMode.size;
  const code = file.subarray(0, end);
  writeCrc(code);
  return new Uint8Array(code);
}
