import type { Bytes, FileOffset } from '../../units.js';
import { longestName, mostTokenText } from './tables.js';

/** What each of the 256 codes of a packed name stands for; empty if the code is not used. */
export type TokenStrings = readonly Uint8Array[];

/** A code is a letter of the names, a pair of codes above it that was packed into one, or unused. */
export type Token = { kind: 'letter' } | { kind: 'pair'; left: number; right: number } | null;

/** The strings of `kallsyms_token_table`; null if they are not within the file. */
export function readTokens(bytes: Uint8Array, table: FileOffset): Uint8Array[] | null {
  const limit = Math.min(bytes.length, table + mostTokenText);
  const tokens: Uint8Array[] = [];
  for (let start = table; tokens.length < 256;) {
    let end = start;
    while (end < limit && bytes[end] !== 0) end++;
    if (end >= limit) return null;
    tokens.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return tokens;
}

export function tokenTableSize(tokens: TokenStrings): Bytes {
  return tokens.reduce((size, token) => size + token.length + 1, 0);
}

/** Packs names as compress_symbols() in scripts/kallsyms.c does, one pair after the other from code 255 down. */
export class Packer {
  /** The code of a pair, by left << 8 | right; -1 if there is none. */
  readonly #codes = new Int16Array(0x10000).fill(-1);
  /** By code its pair; -1 for letters. */
  readonly #left = new Int16Array(256).fill(-1);
  readonly #right = new Int16Array(256).fill(-1);

  add(code: number, left: number, right: number): void {
    this.#left[code] = left;
    this.#right[code] = right;
    this.#codes[(left << 8) | right] = code;
  }

  /**
   * Is anything replaced across the place where what became two codes meets? It
   * is if, of the codes that were there on the way to these, two make a pair
   * that comes before what replaced either; among equals the left is first.
   */
  crosses(left: number, right: number): boolean {
    for (let a = left, aUsed = -1; a >= 0; aUsed = a, a = this.#right[a]!) {
      for (let b = right, bUsed = -1; b >= 0; bUsed = b, b = this.#left[b]!) {
        const code = this.#codes[(a << 8) | b]!;
        if (code > aUsed && code >= bUsed) return true;
      }
    }
    return false;
  }

  pack(name: Uint8Array): Uint8Array {
    const codes = Uint8Array.from(name);
    let length = codes.length;
    for (;;) {
      const best = this.#highestPair(codes, length);
      if (best < 0) return codes.slice(0, length);
      length = this.#replace(codes, length, best);
    }
  }

  #highestPair(codes: Uint8Array, length: number): number {
    let best = -1;
    for (let i = 0; i + 1 < length; i++) {
      best = Math.max(best, this.#codes[(codes[i]! << 8) | codes[i + 1]!]!);
    }
    return best;
  }

  /** Replaces a pair wherever it is, from left to right; returns the new length. */
  #replace(codes: Uint8Array, length: number, code: number): number {
    let to = 0;
    for (let from = 0; from < length; to++) {
      const isPair =
        from + 1 < length && this.#codes[(codes[from]! << 8) | codes[from + 1]!] === code;
      codes[to] = isPair ? code : codes[from]!;
      from += isPair ? 2 : 1;
    }
    return to;
  }
}

/**
 * Finds the pair behind each string of a token table: what the pairs above a
 * code make of its string is the pair that became this code.
 * @returns null if a string is none of the three kinds of tokens
 */
export function tokensOf(strings: TokenStrings): { tokens: Token[]; packer: Packer } | null {
  const packer = new Packer();
  const tokens: Token[] = new Array<Token>(256).fill(null);
  for (let code = 255; code >= 0; code--) {
    const string = strings[code]!;
    if (string.length === 0) continue;
    if (string.length > longestName) return null;
    if (string.length === 1) {
      if (string[0] !== code) return null;
      tokens[code] = { kind: 'letter' };
      continue;
    }
    const [left, right, ...rest] = packer.pack(string);
    if (left === undefined || right === undefined || rest.length > 0) return null;
    packer.add(code, left, right);
    tokens[code] = { kind: 'pair', left, right };
  }
  return { tokens, packer };
}
