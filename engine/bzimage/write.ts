import { crc32 } from 'node:zlib';
import { bzimageErrors } from '../errors/bzimage.js';
import { viewOf } from '../elf/header.js';
import type { Bytes, FileOffset } from '../units.js';
import { crcSize } from './bzimage.js';
import { headerFields, type FieldName, type FieldValue } from './fields.js';

/**
 * Writes one field of the setup header, in place.
 * @param bytes a bzImage, at least its first 1024 bytes
 * @throws bzimage-field-missing when the image's boot protocol has no such field,
 *         bzimage-field-range when the value is negative, fractional or too wide
 */
export function setHeaderField<N extends FieldName>(
  bytes: Uint8Array,
  name: N,
  value: FieldValue<N>,
): void {
  const field = headerFields.find((f) => f.name === name)!;
  const { offset, size, since } = field;
  const view = viewOf(bytes);
  const protocol = view.getUint16(0x206, true);
  if (since > protocol) throw bzimageErrors.fieldMissing({ field: name, since, protocol });
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!whole || value < 0 || BigInt(value) >> BigInt(size * 8) !== 0n) {
    throw bzimageErrors.fieldRange({ field: name, value, size, offset });
  }
  let rest = BigInt(value);
  for (let i = 0; i < size; i++, rest >>= 8n) view.setUint8(offset + i, Number(rest & 0xffn));
}

/** A copy to write to. Not `slice`, which makes a view when it is given a Buffer. */
export function copyOf(bytes: Uint8Array, start: FileOffset = 0, size?: Bytes): Uint8Array {
  return new Uint8Array(bytes.subarray(start, size === undefined ? undefined : start + size));
}

/** The next multiple of 16: a paragraph, the unit of `syssize`. */
export function alignParagraph(size: Bytes): Bytes {
  return Math.ceil(size / 16) * 16;
}

/**
 * Makes a complete bzImage of a header and protected-mode code to which things
 * were appended: pads it, sets `syssize` and ends it with the CRC-32 that
 * tools/build.c writes.
 * @param pieces setup sectors first; together they are the file without its CRC
 * @throws bzimage-field-missing before protocol 2.04, bzimage-field-range beyond 64 GiB
 */
export function sealImage(pieces: readonly Uint8Array[], setupSize: Bytes): Uint8Array {
  const body = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const code = alignParagraph(body + crcSize - setupSize);
  const file = new Uint8Array(setupSize + code);
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  setHeaderField(file, 'syssize', code / 16);
  writeCrc(file);
  return file;
}

/** Rewrites the CRC in the last four bytes, in place: see `crcMatches`. */
export function writeCrc(file: Uint8Array): void {
  const end = file.length - crcSize;
  viewOf(file).setUint32(end, ~crc32(file.subarray(0, end)) >>> 0, true);
}
