import type { Bytes, FileOffset } from '../../units.js';
import { longestName } from './tables.js';
import type { TokenStrings } from './tokens.js';

/** Symbol names with their type letter first, in table order: name i is text[start[i], start[i + 1]). */
export interface NameList {
  count: number;
  text: Uint8Array;
  /** count + 1 entries. */
  start: Uint32Array;
}

/** The packed name at `at`: its first code and the place behind it. Null outside the file or if empty. */
export function packedNameAt(
  bytes: Uint8Array,
  at: FileOffset,
): { first: FileOffset; end: FileOffset } | null {
  let length = bytes[at] ?? 0;
  let first = at + 1;
  // Since 6.1 lengths above 127 have two bytes, ULEB128.
  if (length & 0x80) length = (length & 0x7f) | ((bytes[first++] ?? 0) << 7);
  const end = first + length;
  return length > 0 && end <= bytes.length ? { first, end } : null;
}

/**
 * The size of so many packed names; null if they do not end at `end` at the
 * latest, or when the steps of a budget are used up.
 */
export function sizeOfNames(
  bytes: Uint8Array,
  names: FileOffset,
  count: number,
  {
    end = bytes.length,
    budget = { steps: Infinity },
  }: { end?: FileOffset; budget?: { steps: number } } = {},
): Bytes | null {
  let at = names;
  for (let i = 0; i < count; i++) {
    const packed = packedNameAt(bytes, at);
    if (packed === null || packed.end > end || budget.steps-- <= 0) return null;
    at = packed.end;
  }
  return at - names;
}

/** Unpacks `count` names that start at `names`; null if one is malformed or too long. */
export function readNames(
  bytes: Uint8Array,
  names: FileOffset,
  count: number,
  tokens: TokenStrings,
): NameList | null {
  const start = new Uint32Array(count + 1);
  let text = new Uint8Array(1 << 16);
  let size = 0;
  let at = names;
  for (let i = 0; i < count; i++) {
    const packed = packedNameAt(bytes, at);
    if (packed === null) return null;
    start[i] = size;
    for (let k = packed.first; k < packed.end; k++) {
      const token = tokens[bytes[k]!]!;
      if (size + token.length - start[i]! > longestName) return null;
      if (size + token.length > text.length) text = grown(text);
      text.set(token, size);
      size += token.length;
    }
    if (size === start[i]) return null;
    at = packed.end;
  }
  start[count] = size;
  return { count, text: text.slice(0, size), start };
}

function grown(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(2 * text.length);
  more.set(text);
  return more;
}

/** The codes of `count` packed names that start at `names`; they are within the file. */
export function readPacked(bytes: Uint8Array, names: FileOffset, count: number): Uint8Array[] {
  let at = names;
  return Array.from({ length: count }, () => {
    const { first, end } = packedNameAt(bytes, at)!;
    at = end;
    return bytes.subarray(first, end);
  });
}

export function nameAt(names: NameList, index: number): Uint8Array {
  return names.text.subarray(names.start[index], names.start[index + 1]);
}

/** A list that has `more` behind the names of `names`. */
export function withNames(names: NameList, more: readonly Uint8Array[]): NameList {
  const count = names.count + more.length;
  const start = new Uint32Array(count + 1);
  start.set(names.start);
  more.forEach((name, i) => {
    start[names.count + i + 1] = start[names.count + i]! + name.length;
  });
  const text = new Uint8Array(start[count]!);
  text.set(names.text);
  more.forEach((name, i) => {
    text.set(name, start[names.count + i]);
  });
  return { count, text, start };
}
