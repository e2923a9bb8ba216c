import type { Bytes } from '../../units.js';

const streamHeaderSize: Bytes = 12;
const filterLzma2 = 0x21;
const hasCompressedSize = 0x40;
const hasUncompressedSize = 0x80;

/**
 * Size of the dictionary that the first block of an xz stream asks for: the
 * largest one, since compressors use the same filters throughout.
 * xz-file-format.txt 3.1 (block header) and 5.3.1 (properties of LZMA2).
 * @returns null for a header that does not hold together
 */
export function xzDictionary(stream: Uint8Array): Bytes | null {
  // The header's own size, in units of four bytes, is its first byte.
  const header = stream.subarray(streamHeaderSize, streamHeaderSize + 4 * (stream[12]! + 1));
  const flags = header[1]!;
  let at = 2;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 28 && at < header.length; shift += 7) {
      const byte = header[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Infinity;
  };
  const skipNumber = (): void => {
    while (at < header.length && header[at++]! >= 0x80);
  };
  if (flags & hasCompressedSize) skipNumber();
  if (flags & hasUncompressedSize) skipNumber();
  for (let filters = (flags & 3) + 1; filters > 0; filters--) {
    const id = number();
    const size = number();
    if (id === filterLzma2 && size === 1 && at < header.length) return dictionarySize(header[at]!);
    at += size;
  }
  return null;
}

/** 2 or 3, times a power of two. */
function dictionarySize(bits: number): Bytes | null {
  if (bits > 39) return null;
  return (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
}
