import { bzimageErrors } from '../../errors/bzimage.js';
import type { BitReader } from './bits.js';

export function corrupt(reason: string): Error {
  return bzimageErrors.payloadCorrupt({ codec: 'bzip2', reason });
}

const longestCode = 20;
/** Codes up to this length are found by one look into a table. */
const lookupBits = 10;

/** A canonical Huffman code: codes of one length are consecutive, shorter ones come first. */
export class HuffmanTable {
  /** By the next `lookupBits` bits: symbol << 5 | length, or 0 where the code is longer. */
  private readonly lookup = new Uint16Array(1 << lookupBits);
  /** For each length the first code that is longer, aligned to `longestCode` bits. */
  private readonly limit = new Int32Array(longestCode + 1);
  /** For each length the index into `symbols` minus the code. */
  private readonly base = new Int32Array(longestCode + 1);
  private readonly symbols: number[] = [];

  /** @param lengths code length of each symbol, 1 to 20 */
  constructor(lengths: Uint8Array) {
    let code = 0;
    for (let length = 1; length <= longestCode; length++) {
      this.base[length] = this.symbols.length - code;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        this.symbols.push(symbol);
        if (length <= lookupBits) {
          const shift = lookupBits - length;
          this.lookup.fill((symbol << 5) | length, code << shift, (code + 1) << shift);
        }
        code++;
      }
      if (code > 1 << length) throw corrupt('a code table has too many codes');
      this.limit[length] = code << (longestCode - length);
      code <<= 1;
    }
  }

  read(reader: BitReader): number {
    const bits = reader.peek(longestCode);
    const entry = this.lookup[bits >>> (longestCode - lookupBits)]!;
    if (entry !== 0) {
      reader.skip(entry & 31);
      return entry >>> 5;
    }
    for (let length = 1; length <= longestCode; length++) {
      if (bits >= this.limit[length]!) continue;
      reader.skip(length);
      return this.symbols[this.base[length]! + (bits >>> (longestCode - length))]!;
    }
    throw corrupt('a code is in no table');
  }
}

/** Which table codes each group of 50 symbols: move-to-front indexes in unary. */
export function readSelectors(reader: BitReader, tableCount: number): Uint8Array {
  const selectors = new Uint8Array(reader.read(15));
  const order = Uint8Array.from({ length: tableCount }, (_, i) => i);
  for (let i = 0; i < selectors.length; i++) {
    let index = 0;
    while (reader.read(1) === 1) {
      if (++index >= tableCount) throw corrupt('a selector names no table');
    }
    const selected = order[index]!;
    order.copyWithin(1, 0, index);
    order[0] = selected;
    selectors[i] = selected;
  }
  return selectors;
}

/** Code lengths, each coded as steps up or down from the one before. */
export function readHuffmanTables(
  reader: BitReader,
  tableCount: number,
  symbolCount: number,
): HuffmanTable[] {
  return Array.from({ length: tableCount }, () => {
    const lengths = new Uint8Array(symbolCount);
    let length = reader.read(5);
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      for (;;) {
        if (length < 1 || length > longestCode) throw corrupt('a code length is not 1 to 20');
        if (reader.read(1) === 0) break;
        length += reader.read(1) === 0 ? 1 : -1;
      }
      lengths[symbol] = length;
    }
    return new HuffmanTable(lengths);
  });
}
