import { recipeErrors } from '../../errors/recipe.js';
import { offsetOf } from './addresses.js';
import type { NameList } from './names.js';
import {
  markerInterval,
  placesOf,
  put32,
  within,
  type KallsymsLayout,
  type KallsymsPlaces,
} from './tables.js';
import { tokenTableSize, type TokenStrings } from './tokens.js';

/** All that the tables say. */
export interface KallsymsContents {
  layout: KallsymsLayout;
  names: NameList;
  /** Their codes. */
  packed: readonly Uint8Array[];
  strings: TokenStrings;
  /** Low 32 bits. */
  relativeBase: number;
  addresses: Uint32Array;
}

/**
 * Writes the tables as write_src() of scripts/kallsyms.c does; the relative
 * base itself is not among them.
 * @throws recipe-malformed if they do not fit
 */
export function writeKallsyms(out: Uint8Array, contents: KallsymsContents): void {
  const { layout, names, strings } = contents;
  const packed = joinNames(contents.packed);
  const places = placesOf(layout, names.count, packed.bytes.length, tokenTableSize(strings));
  for (const [start, end] of places.ranges) {
    if (!within(out, start, end - start)) {
      throw recipeErrors.malformed({ why: 'kallsyms: tables outside the image' });
    }
    out.fill(0, start, end);
  }
  put32(out, places.numSyms, names.count);
  out.set(packed.bytes, places.names);
  packed.markers.forEach((marker, i) => put32(out, places.markers + 4 * i, marker));
  writeTokens(out, places, strings);
  writeOffsets(out, places, contents);
  if (layout.sequenced) writeSequences(out, places, sortedByName(names));
}

/** The two tables of packed names: each with its length, and where every 256th is. */
function joinNames(packed: readonly Uint8Array[]): { bytes: Uint8Array; markers: number[] } {
  const markers: number[] = [];
  let size = 0;
  const parts = packed.flatMap((codes, i) => {
    if (i % markerInterval === 0) markers.push(size);
    const { length } = codes;
    const prefix = Uint8Array.from(length < 0x80 ? [length] : [length | 0x80, length >>> 7]);
    size += prefix.length + length;
    return [prefix, codes];
  });
  return { bytes: Buffer.concat(parts), markers };
}

function writeTokens(out: Uint8Array, places: KallsymsPlaces, strings: TokenStrings): void {
  let size = 0;
  strings.forEach((string, code) => {
    out[places.tokenIndex + 2 * code] = size;
    out[places.tokenIndex + 2 * code + 1] = size >>> 8;
    out.set(string, places.tokenTable + size);
    size += string.length + 1;
  });
}

function writeOffsets(
  out: Uint8Array,
  places: KallsymsPlaces,
  { addresses, relativeBase, layout }: KallsymsContents,
): void {
  addresses.forEach((address, i) => {
    put32(out, places.offsets + 4 * i, offsetOf(address, relativeBase, layout.absolutePercpu));
  });
}

function writeSequences(out: Uint8Array, places: KallsymsPlaces, sorted: Uint32Array): void {
  sorted.forEach((index, i) => {
    const at = places.sequences + 3 * i;
    out[at] = index >>> 16;
    out[at + 1] = index >>> 8;
    out[at + 2] = index;
  });
}

/** Indices of names as compare_names() in scripts/kallsyms.c orders them: types do not count, equals keep their order. */
export function sortedByName(names: NameList): Uint32Array {
  const text = Buffer.from(names.text.buffer, names.text.byteOffset, names.text.length);
  const keys = Array.from({ length: names.count }, (_, i) =>
    text.toString('latin1', names.start[i]! + 1, names.start[i + 1]),
  );
  return Uint32Array.from(keys, (_, i) => i).sort((a, b) =>
    keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b,
  );
}
