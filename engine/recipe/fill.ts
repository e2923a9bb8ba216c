import type { FileOffset } from '../units.js';
import { firstFrom } from './predict.js';

const leastRun = 64;

/**
 * Runs of one byte. They are most of a kernel's file, since code and data begin
 * at large pages, and alignment must not look at each of their bytes.
 */
export class FillRuns {
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  /** @param cover runs are of bytes for which it is 0 */
  constructor(bytes: Uint8Array, cover?: Uint8Array) {
    const starts: number[] = [];
    const ends: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const from = at++;
      if (cover && cover[from] !== 0) continue;
      const byte = bytes[from]!;
      while (at < bytes.length && bytes[at] === byte && (!cover || cover[at] === 0)) at++;
      if (at - from <= leastRun) continue;
      starts.push(from);
      ends.push(at);
    }
    this.#bytes = bytes;
    this.#starts = Uint32Array.from(starts);
    this.#ends = Uint32Array.from(ends);
  }

  /** Where the run ends that a byte is in; the byte itself where it is in none. */
  endAt(at: FileOffset): FileOffset {
    const i = firstFrom(this.#ends, at + 1);
    return this.#starts[i]! <= at ? this.#ends[i]! : at;
  }

  /** Where the longest run of each byte begins; -1 where there is none. */
  longest(): Int32Array {
    const longest = new Int32Array(256).fill(-1);
    const sizes = new Uint32Array(256);
    this.#starts.forEach((start, i) => {
      const byte = this.#bytes[start]!;
      const size = this.#ends[i]! - start;
      if (size <= sizes[byte]!) return;
      sizes[byte] = size;
      longest[byte] = start;
    });
    return longest;
  }
}
