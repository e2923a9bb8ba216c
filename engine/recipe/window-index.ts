import type { FileOffset } from '../units.js';

/** Of the hash, for large images. */
const mostBits = 22;
export const windowSize = 12;

export const word = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** Is a window one byte repeated? Those are not indexed: fill has no end of them. */
export function isFill(bytes: Uint8Array, at: number): boolean {
  const first = word(bytes, at);
  return (
    first === word(bytes, at + 4) &&
    first === word(bytes, at + 8) &&
    first === Math.imul(bytes[at]!, 0x01010101)
  );
}

/** Finds where windows of `windowSize` bytes occur: chains by hash, ascending. */
export class WindowIndex {
  readonly #shift: number;
  readonly #head: Int32Array;
  readonly #next: Int32Array;

  constructor(bytes: Uint8Array) {
    const bits = Math.min(mostBits, 32 - Math.clz32(bytes.length));
    this.#shift = 32 - bits;
    this.#head = new Int32Array(1 << bits).fill(-1);
    this.#next = new Int32Array(bytes.length);
    for (let at = bytes.length - windowSize; at >= 0; at--) {
      if (isFill(bytes, at)) continue;
      const hash = hashOf(bytes, at) >>> this.#shift;
      this.#next[at] = this.#head[hash]!;
      this.#head[hash] = at;
    }
  }

  /** The first place with the same hash as the window; -1 when there is none. */
  first(bytes: Uint8Array, at: FileOffset): FileOffset {
    return this.#head[hashOf(bytes, at) >>> this.#shift]!;
  }

  after(place: FileOffset): FileOffset {
    return this.#next[place]!;
  }
}

function hashOf(bytes: Uint8Array, at: FileOffset): number {
  const hash =
    Math.imul(word(bytes, at), 0x9e3779b1) ^
    Math.imul(word(bytes, at + 4), 0x85ebca77) ^
    Math.imul(word(bytes, at + 8), 0xc2b2ae3d);
  return Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
}
