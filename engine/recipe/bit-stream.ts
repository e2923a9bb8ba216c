import type { CodeLengths } from './huffman.js';
import { codesOf, longestCode } from './huffman.js';

/** Writes prefix codes and plain bits, least significant bit first. */
export class BitWriter {
  #bytes: number[] = [];
  #bits = 0;
  #count = 0;

  /** Bytes so far. */
  get size(): number {
    return this.#bytes.length;
  }

  write(value: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#bits |= ((value >>> i) & 1) << this.#count;
      if (++this.#count === 8) this.#flush();
    }
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.#flush();
    return Uint8Array.from(this.#bytes);
  }

  #flush(): void {
    this.#bytes.push(this.#bits);
    this.#bits = 0;
    this.#count = 0;
  }
}

/** Reads what `BitWriter` wrote; zeros behind the end. */
export class BitReader {
  #bytes: Uint8Array;
  #at = 0; // in bits

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get overrun(): boolean {
    return this.#at > 8 * this.#bytes.length;
  }

  read(count: number): number {
    const value = this.#peek() & ((1 << count) - 1);
    this.#at += count;
    return value;
  }

  symbol(table: Uint16Array): number {
    const entry = table[this.#peek() & ((1 << longestCode) - 1)]!;
    this.#at += entry >> 8;
    return entry & 0xff;
  }

  /** The next 24 bits at least. */
  #peek(): number {
    const byte = this.#at >>> 3;
    const bytes = this.#bytes;
    const low = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8) | ((bytes[byte + 2] ?? 0) << 16);
    const high = bytes[byte + 3] ?? 0;
    const shift = this.#at & 7;
    return (low >>> shift) | (high << (24 - shift));
  }
}

/** A table's codes, ready to be written. */
export class SymbolWriter {
  readonly #codes: Uint16Array;

  readonly lengths: CodeLengths;

  constructor(lengths: CodeLengths) {
    this.lengths = lengths;
    this.#codes = codesOf(lengths);
  }

  write(to: BitWriter, symbol: number): void {
    to.write(this.#codes[symbol]!, this.lengths[symbol]!);
  }
}
