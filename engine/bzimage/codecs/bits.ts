/** Reads bits, most significant first, and notices the end of the input. */
export class BitReader {
  private readonly input: Uint8Array;
  private readonly onEnd: () => Error;
  private at: number;
  /** Bits already taken from the input; the lowest `count` of them are still to be given. */
  private window = 0;
  private count = 0;

  constructor(input: Uint8Array, start: number, onEnd: () => Error) {
    this.input = input;
    this.at = start;
    this.onEnd = onEnd;
  }

  /** The next 1 to 24 bits without consuming them; behind the end there are zeros. */
  peek(bits: number): number {
    while (this.count < bits) {
      // The window never holds more than 24 + 7 bits, so nothing is shifted out.
      this.window = ((this.window & 0xffffff) << 8) | (this.input[this.at] ?? 0);
      this.at++;
      this.count += 8;
    }
    return (this.window >>> (this.count - bits)) & ((1 << bits) - 1);
  }

  /** Consumes bits that were peeked. Throws when they were not there. */
  skip(bits: number): void {
    this.count -= bits;
    if (this.at - (this.count >>> 3) > this.input.length) throw this.onEnd();
  }

  /** The next 1 to 24 bits. */
  read(bits: number): number {
    const value = this.peek(bits);
    this.skip(bits);
    return value;
  }

  /** 32 bits, unsigned. */
  read32(): number {
    const upper = this.read(16);
    return upper * 0x10000 + this.read(16);
  }
}
