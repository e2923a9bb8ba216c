import type { FileOffset } from '../../units.js';
import { readAddresses } from './addresses.js';
import { packedNameAt, sizeOfNames } from './names.js';
import {
  get16,
  get32,
  markerInterval,
  mostSymbols,
  placesOf,
  tokenIndexSize,
  type KallsymsTables,
  type KallsymsLayout,
} from './tables.js';
import { readTokens, tokenTableSize, type TokenStrings } from './tokens.js';

/** A token's string is at most so long; more than any kernel has. */
const longestToken = 256;
/** Looking goes on for so many steps for each byte of the file, whatever is in it. */
const stepsPerByte = 8;

/**
 * Finds the kallsyms tables in an unpacked payload, with no symbols to help:
 * the token index is 256 increasing numbers that agree with 256 strings before
 * it; before these are names and their number, which markers and offsets
 * confirm.
 * @returns null if there are none
 */
export function findTables(image: Uint8Array): KallsymsTables | null {
  if (image.length < 64 || get32(image, 0) !== 0x464c457f) return null;
  const word = image[4] === 1 ? 4 : 8;
  const search: Search = { image, word, steps: stepsPerByte * image.length };
  for (let index = 0; index + tokenIndexSize <= image.length && search.steps > 0; index += word) {
    if (!looksLikeTokenIndex(search, index)) continue;
    const table = findTokenTable(search, index);
    const found = table === null ? null : findNames(search, table, index);
    if (found !== null) return found;
  }
  return null;
}

interface Search {
  image: Uint8Array;
  word: 4 | 8;
  /** How many more may be taken. */
  steps: number;
}

function looksLikeTokenIndex(search: Search, at: FileOffset): boolean {
  const { image } = search;
  if (get16(image, at) !== 0) return false;
  for (let i = 1; i < 256; i++) {
    if (get16(image, at + 2 * i) <= get16(image, at + 2 * i - 2)) {
      search.steps -= i;
      return false;
    }
  }
  return true;
}

/** The table ends just before the index, so only the length of its last string is unknown. */
function findTokenTable(search: Search, index: FileOffset): FileOffset | null {
  const { image, word } = search;
  const last = get16(image, index + 510);
  for (let size = last + 1; size <= last + longestToken + word; size++) {
    const table = index - size;
    search.steps -= 2;
    if (table < 0) return null;
    if (table % word !== 0 || !stringsEndAt(search, table, index)) continue;
    const tokens = readTokens(image, table);
    if (tokens === null) continue;
    search.steps -= last;
    const starts = startsOf(tokens);
    if (starts.some((start, i) => start !== get16(image, index + 2 * i))) continue;
    const end = table + tokenTableSize(tokens);
    if (end <= index && index - end < word && isZero(image, end, index)) return table;
  }
  return null;
}

function stringsEndAt(search: Search, table: FileOffset, index: FileOffset): boolean {
  const { image } = search;
  for (let i = 1; i < 256; i++) {
    search.steps--;
    if (image[table + get16(image, index + 2 * i) - 1] !== 0) return false;
  }
  return true;
}

function startsOf(tokens: TokenStrings): number[] {
  const starts = [0];
  for (const token of tokens) starts.push(starts.at(-1)! + token.length + 1);
  return starts.slice(0, -1);
}

function isZero(bytes: Uint8Array, from: FileOffset, to: FileOffset): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Tries every word before the token table as `kallsyms_num_syms`. */
function findNames(search: Search, table: FileOffset, index: FileOffset): KallsymsTables | null {
  const { image, word } = search;
  for (let at = table - 3 * word; at >= 0 && search.steps > 0; at -= word) {
    search.steps--;
    const count = get32(image, at);
    if (count === 0 || count >= mostSymbols || 2 * count > table - at) continue;
    const namesSize = sizeOfNames(image, at + word, count, { end: table, budget: search });
    if (namesSize === null) continue;
    const found = agreeing(search, { at, table, index, count, namesSize });
    if (found !== null) return found;
  }
  return null;
}

interface Candidate {
  at: FileOffset;
  table: FileOffset;
  index: FileOffset;
  count: number;
  namesSize: number;
}

/** Tries the orders and tables that kernels have had; the first that all tables confirm is it. */
function agreeing(search: Search, candidate: Candidate): KallsymsTables | null {
  const { image, word } = search;
  const { at, table, index, count, namesSize } = candidate;
  const tokens = readTokens(image, table);
  if (tokens === null) return null;
  for (const [namesFirst, sequenced] of [
    [false, true],
    [true, true],
    [false, false],
    [true, false],
  ] as const) {
    const layout: KallsymsLayout = {
      word,
      namesFirst,
      sequenced,
      absolutePercpu: false,
      numSyms: at,
    };
    const places = placesOf(layout, count, namesSize, tokenTableSize(tokens));
    const found: KallsymsTables = { layout, places, count, namesSize };
    const last = Math.max(places.relativeBase + word, ...places.ranges.map((range) => range[1]));
    if (places.tokenTable !== table || places.tokenIndex !== index) continue;
    if (places.offsets < 0 || last > image.length) continue;
    search.steps -= 4 * count;
    if (!markersAgree(image, found) || !sequencesAgree(image, found)) continue;
    for (const absolutePercpu of [false, true]) {
      const decided: KallsymsTables = { ...found, layout: { ...layout, absolutePercpu } };
      if (ascending(readAddresses(image, decided))) return decided;
    }
  }
  return null;
}

function markersAgree(image: Uint8Array, { places, count }: KallsymsTables): boolean {
  let at = places.names;
  for (let i = 0; i < count; i++) {
    if (
      i % markerInterval === 0 &&
      get32(image, places.markers + (4 * i) / markerInterval) !== at - places.names
    ) {
      return false;
    }
    at = packedNameAt(image, at)!.end;
  }
  return true;
}

function sequencesAgree(image: Uint8Array, { places, count }: KallsymsTables): boolean {
  if (places.sequences < 0) return true;
  const seen = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const sequence = sequenceAt(image, places.sequences, i);
    if (sequence >= count || seen[sequence] === 1) return false;
    seen[sequence] = 1;
  }
  return true;
}

/** Entry i of `kallsyms_seqs_of_names`: three bytes, most significant first. */
export function sequenceAt(image: Uint8Array, sequences: FileOffset, i: number): number {
  const at = sequences + 3 * i;
  return (image[at]! << 16) | (image[at + 1]! << 8) | image[at + 2]!;
}

/** The tables are sorted by address. */
function ascending(addresses: Uint32Array): boolean {
  for (let i = 1; i < addresses.length; i++) {
    if (addresses[i]! < addresses[i - 1]!) return false;
  }
  return true;
}
