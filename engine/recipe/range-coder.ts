/**
 * Binary range coder with adaptive probabilities, after G. N. N. Martin (1979)
 * in the byte-wise form of LZMA (Igor Pavlov). The decoder's twin in C is
 * engine/native/multi/range-decoder.h; both must do the same arithmetic.
 */

/** A bit moves its probability by 1/16 of the rest. */
const adaption = 4;
/** Numbers have 0 to 31 bits. */
const numberClasses = 32;
/** So many bits below a number's leading one adapt. */
const mantissaBits = 3;

/** Probabilities of a zero bit in 1/65536. */
export type Model = Uint16Array;

export function numberModel(contexts = 1): Model {
  return new Uint16Array(contexts * numberModelSize).fill(0x8000);
}
export const numberModelSize = numberClasses + numberClasses * (1 << mantissaBits);

export function byteModel(contexts = 1): Model {
  return new Uint16Array(contexts * byteModelSize).fill(0x8000);
}
export const byteModelSize = 256;

export function bitModel(contexts = 1): Model {
  return new Uint16Array(contexts).fill(0x8000);
}

/** Numbers with a sign as numbers: 0, -1, 1, -2, 2 ... */
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
export const signedOf = (coded: number): number => (coded >>> 1) ^ -(coded & 1);

/** What writes and reads have in common: both walk the same models. */
export abstract class RangeCoder {
  /** Codes one bit; when writing, `bit` is written, when reading it is ignored. */
  abstract bit(model: Model, at: number, bit: number): number;
  /** `count` bits of probability one half each; count < 32. */
  abstract direct(count: number, value: number): number;

  tree(model: Model, base: number, bits: number, value: number): number {
    let node = 1;
    for (let i = bits - 1; i >= 0; i--) {
      node = (node << 1) | this.bit(model, base + node, (value >>> i) & 1);
    }
    return node;
  }

  byte(model: Model, context: number, value = 0): number {
    return this.tree(model, context * byteModelSize, 8, value) & 0xff;
  }

  /** A number below 2^31: its bit length, then the bits below its leading one. */
  number(model: Model, context: number, value = 0): number {
    const base = context * numberModelSize;
    const length = this.tree(model, base, 5, 32 - Math.clz32(value)) & (numberClasses - 1);
    if (length < 2) return length;
    const adapting = Math.min(length - 1, mantissaBits);
    const rest = length - 1 - adapting;
    const head = this.tree(
      model,
      base + numberClasses + (length << mantissaBits),
      adapting,
      (value >>> rest) & ((1 << adapting) - 1),
    );
    return ((head << rest) | this.direct(rest, value & ((1 << rest) - 1))) >>> 0;
  }

  /** A number with its sign, above -2^30 and below 2^30. */
  signed(model: Model, context: number, value = 0): number {
    return signedOf(this.number(model, context, zigzag(value)));
  }
}

export class RangeEncoder extends RangeCoder {
  #low = 0; // up to 33 bits
  #range = 0xffffffff;
  #cache = -1; // the byte before the pending 0xff bytes; -1 before the first
  #pending = 0;
  #bytes = new Uint8Array(1 << 16);
  #size = 0;

  get size(): number {
    return this.#size + this.#pending;
  }

  bit(model: Model, at: number, bit: number): number {
    const p = model[at]!;
    const bound = (this.#range >>> 16) * p;
    if (bit === 0) {
      this.#range = bound;
      model[at] = p + ((0x10000 - p) >> adaption);
    } else {
      this.#low += bound;
      this.#range -= bound;
      model[at] = p - (p >> adaption);
    }
    this.#normalise();
    return bit;
  }

  direct(count: number, value: number): number {
    for (let i = count - 1; i >= 0; i--) {
      this.#range >>>= 1;
      if ((value >>> i) & 1) this.#low += this.#range;
      this.#normalise();
    }
    return value;
  }

  /** All bytes; the coder must not be used afterwards. */
  finish(): Uint8Array {
    for (let i = 0; i < 5; i++) this.#shiftLow();
    return this.#bytes.slice(0, this.#size);
  }

  #normalise(): void {
    while (this.#range < 0x1000000) {
      this.#range = (this.#range * 256) >>> 0;
      this.#shiftLow();
    }
  }

  #shiftLow(): void {
    if (this.#low < 0xff000000 || this.#low > 0xffffffff) {
      const carry = this.#low > 0xffffffff ? 1 : 0;
      if (this.#cache >= 0) this.#put(this.#cache + carry);
      for (; this.#pending > 0; this.#pending--) this.#put(0xff + carry);
      this.#cache = (this.#low >>> 24) & 0xff;
    } else {
      this.#pending++;
    }
    this.#low = (this.#low & 0xffffff) * 256;
  }

  #put(byte: number): void {
    if (this.#size === this.#bytes.length) {
      const more = new Uint8Array(2 * this.#size);
      more.set(this.#bytes);
      this.#bytes = more;
    }
    this.#bytes[this.#size++] = byte;
  }
}

export class RangeDecoder extends RangeCoder {
  #bytes: Uint8Array;
  #next = 0;
  #range = 0xffffffff;
  #code = 0;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
  }

  /** Did it read behind the end? Zeros were read there. */
  get overrun(): boolean {
    return this.#next > this.#bytes.length;
  }

  bit(model: Model, at: number): number {
    const p = model[at]!;
    const bound = (this.#range >>> 16) * p;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      model[at] = p + ((0x10000 - p) >> adaption);
    } else {
      bit = 1;
      this.#range -= bound;
      this.#code -= bound;
      model[at] = p - (p >> adaption);
    }
    this.#refill();
    return bit;
  }

  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.#range >>>= 1;
      value <<= 1;
      if (this.#code >= this.#range) {
        this.#code -= this.#range;
        value |= 1;
      }
      this.#refill();
    }
    return value;
  }

  #refill(): void {
    while (this.#range < 0x1000000) {
      this.#range = (this.#range * 256) >>> 0;
      this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
    }
  }

  #byte(): number {
    return this.#bytes[this.#next++] ?? 0;
  }
}
