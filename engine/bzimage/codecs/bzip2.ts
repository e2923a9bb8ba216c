import type { Bytes } from '../../units.js';
import { BitReader } from './bits.js';
import { corrupt, readHuffmanTables, readSelectors, type HuffmanTable } from './bzip2-tables.js';
import { CappedOutput, throwIfCancelled, type Decoder } from './codec.js';

/** Marks of a block (pi) and of the end of the stream (square root of pi), in BCD. */
const blockMark = [0x314159, 0x265359] as const;
const endMark = [0x177245, 0x385090] as const;

/** Symbols after which another Huffman table is selected. */
const groupSize = 50;

/**
 * bzip2, one stream as kernels have it. Format: B. Dobbins, "BZIP2: Format
 * Specification", and the kernel's lib/decompress_bunzip2.c. Blocks are decoded
 * one after the other with a breath between them, so that a caller on the same
 * thread stays responsive and can cancel.
 */
export const decodeBzip2: Decoder = async (input, { limit, signal }) => {
  const level = (input[3] ?? 0) - 0x30;
  if (level < 1 || level > 9) throw corrupt('its block size is not 1 to 9');
  const reader = new BitReader(input, 4, () => corrupt('it ends too early'));
  const output = new CappedOutput('bzip2', limit);
  const block = new Uint32Array(level * 100_000);
  let streamCrc = 0;
  for (;;) {
    throwIfCancelled(signal);
    const mark = [reader.read(24), reader.read(24)] as const;
    const crc = reader.read32();
    if (mark[0] === endMark[0] && mark[1] === endMark[1]) {
      if (crc !== streamCrc) throw corrupt('the checksum of the stream is wrong');
      return output.bytes();
    }
    if (mark[0] !== blockMark[0] || mark[1] !== blockMark[1]) throw corrupt('a block has no mark');
    streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
    if (reader.read(1) === 1) throw corrupt('randomised blocks (before bzip2 0.9.5) are not read');
    const first = reader.read(24);
    const length = readBlock(reader, block);
    if (first >= length) throw corrupt('a block starts outside of itself');
    writeBlock(block, length, first, crc, output);
    await new Promise(setImmediate);
  }
};

/**
 * Huffman codes, run lengths of zeros and move-to-front: fills `block` with the
 * last column of the Burrows-Wheeler matrix and returns its length.
 */
function readBlock(reader: BitReader, block: Uint32Array): Bytes {
  const bytes = readUsedBytes(reader);
  const endOfBlock = bytes.length + 1;
  const tableCount = reader.read(3);
  if (tableCount < 2 || tableCount > 6) throw corrupt('a block has not 2 to 6 code tables');
  const selectors = readSelectors(reader, tableCount);
  const tables = readHuffmanTables(reader, tableCount, endOfBlock + 1);
  let length = 0;
  let run = 0;
  let runBit = 1;
  let group = -1;
  let left = 0;
  let table: HuffmanTable = tables[0]!;
  for (;;) {
    if (left-- === 0) {
      left = groupSize - 1;
      const selector = selectors[++group];
      if (selector === undefined) throw corrupt('a block has too few selectors');
      table = tables[selector]!;
    }
    const symbol = table.read(reader);
    if (symbol <= 1) {
      // RUNA and RUNB are the digits 1 and 2 of a number in base 2.
      if (runBit > block.length) throw corrupt('a run is longer than its block');
      run += runBit << symbol;
      runBit <<= 1;
      continue;
    }
    if (run > 0) {
      if (run > block.length - length) throw corrupt('a run overflows its block');
      block.fill(bytes[0]!, length, length + run);
      length += run;
      run = 0;
      runBit = 1;
    }
    if (symbol === endOfBlock) return length;
    if (length === block.length) throw corrupt('a block overflows');
    const byte = bytes[symbol - 1]!;
    bytes.copyWithin(1, 0, symbol - 1);
    bytes[0] = byte;
    block[length++] = byte;
  }
}

/** The byte values that occur in a block, as a two-level bitmap: the start of move-to-front. */
function readUsedBytes(reader: BitReader): Uint8Array {
  const rows = reader.read(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (!(rows & (0x8000 >>> row))) continue;
    const columns = reader.read(16);
    for (let column = 0; column < 16; column++) {
      if (columns & (0x8000 >>> column)) used.push(row * 16 + column);
    }
  }
  if (used.length === 0) throw corrupt('a block uses no byte values');
  return Uint8Array.from(used);
}

/** Undoes the Burrows-Wheeler transform and the first run-length coding, checks the CRC. */
function writeBlock(
  block: Uint32Array,
  length: Bytes,
  first: number,
  expectedCrc: number,
  output: CappedOutput,
): void {
  linkBlock(block, length);
  let piece = new Uint8Array(64 * 1024);
  let filled = 0;
  let crc = 0xffffffff;
  let previous = -1;
  let repeats = 0;
  let at = block[first]! >>> 8;
  for (let i = 0; i < length; i++) {
    const entry = block[at]!;
    at = entry >>> 8;
    let byte = entry & 0xff;
    let count = 1;
    if (repeats === 4) {
      // After four equal bytes comes a count of further ones.
      count = byte;
      byte = previous;
      repeats = 0;
    } else {
      repeats = byte === previous ? repeats + 1 : 1;
      previous = byte;
    }
    for (; count > 0; count--) {
      if (filled === piece.length) {
        output.add(piece);
        piece = new Uint8Array(64 * 1024);
        filled = 0;
      }
      piece[filled++] = byte;
      crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ byte]!;
    }
  }
  // A copy, so that a thousand tiny blocks do not keep a thousand large pieces alive.
  output.add(piece.slice(0, filled));
  if (~crc >>> 0 !== expectedCrc) throw corrupt('the checksum of a block is wrong');
}

/** Puts into the upper 24 bits of each entry the place of its successor in the original order. */
function linkBlock(block: Uint32Array, length: Bytes): void {
  const next = new Uint32Array(257);
  for (let i = 0; i < length; i++) next[block[i]! + 1]!++;
  for (let byte = 0; byte < 256; byte++) next[byte + 1]! += next[byte]!;
  for (let i = 0; i < length; i++) block[next[block[i]! & 0xff]!++]! |= i << 8;
}

/** CRC-32 with the polynomial of zlib's, but most significant bit first. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});
