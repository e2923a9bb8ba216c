import { longestName } from './tables.js';
import type { Packer, TokenStrings } from './tokens.js';

const joints = { unknown: 0, tied: 1, loose: 2 } as const;

/** Codes that a code of the base may become, else it is tied to its neighbours. */
const mostAlone = 7;

/**
 * Packed names of the base as a flavour packs them: code by code where it can
 * be, which is in most places.
 *
 * Two codes that are side by side are tied if the flavour replaces anything
 * across the place where they meet; what is tied together is unpacked and
 * packed. That is found by looking at these two only; where neighbours matter,
 * joints must be tied by hand.
 */
export class Translator {
  readonly #base: TokenStrings;
  readonly #packer: Packer;
  /** What each code becomes alone. */
  readonly #alone: readonly Uint8Array[];
  readonly #joints = new Uint8Array(0x10000);

  /** @param packer  the flavour's */
  constructor(base: TokenStrings, packer: Packer) {
    this.#base = base;
    this.#packer = packer;
    this.#alone = base.map((string) =>
      string.length > longestName ? new Uint8Array(0) : packer.pack(string),
    );
  }

  /** @param joint  two codes of the base, as `jointOf` has them */
  tie(joint: number): void {
    this.#joints[joint] = joints.tied;
  }

  isTied(joint: number): boolean {
    if (this.#joints[joint] === joints.unknown) {
      this.#joints[joint] = this.#looksTied(joint) ? joints.tied : joints.loose;
    }
    return this.#joints[joint] === joints.tied;
  }

  /** @param codes  a packed name of the base that is not too long */
  translate(codes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let from = 0, to = 0; from < codes.length; from = to) {
      for (to = from + 1; to < codes.length && this.isTied(jointOf(codes, to)); to++);
      parts.push(
        to === from + 1
          ? this.#alone[codes[from]!]!
          : this.#packer.pack(this.#unpack(codes.subarray(from, to))),
      );
    }
    return Buffer.concat(parts);
  }

  #looksTied(joint: number): boolean {
    const [left, right] = [this.#alone[joint & 0xff]!, this.#alone[joint >> 8]!];
    return (
      [left, right].some(({ length }) => length === 0 || length > mostAlone) ||
      this.#packer.crosses(left.at(-1)!, right[0]!)
    );
  }

  #unpack(codes: Uint8Array): Uint8Array {
    return Buffer.concat(Array.from(codes, (code) => this.#base[code]!));
  }
}

/** The code before `at`, and the one there << 8. */
export function jointOf(codes: Uint8Array, at: number): number {
  return codes[at - 1]! | (codes[at]! << 8);
}
