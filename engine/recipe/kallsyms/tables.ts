import type { Bytes, FileOffset } from '../../units.js';

/**
 * How a kernel lays out its kallsyms tables, as written by scripts/kallsyms.c.
 * Every other place follows from these few facts, the number of symbols, and
 * the sizes of the two tables whose entries vary in length.
 */
export interface KallsymsLayout {
  /** Bytes of a long: the tables are aligned to it. */
  word: 4 | 8;
  /** Linux 6.4 moved offsets, relative base and sequence numbers behind the names. */
  namesFirst: boolean;
  /** Is there `kallsyms_seqs_of_names` (since 6.2, and backported)? */
  sequenced: boolean;
  /** CONFIG_KALLSYMS_ABSOLUTE_PERCPU: offsets of other symbols are negative. */
  absolutePercpu: boolean;
  /** Place of `kallsyms_num_syms`; the names follow it. */
  numSyms: FileOffset;
}

/** Where the tables are in the file. `sequences` is -1 when there are none. */
export interface KallsymsPlaces {
  numSyms: FileOffset;
  names: FileOffset;
  markers: FileOffset;
  sequences: FileOffset;
  tokenTable: FileOffset;
  tokenIndex: FileOffset;
  offsets: FileOffset;
  relativeBase: FileOffset;
  /** Ranges [start, end) that can be rebuilt, ascending; padding in them is zero. */
  ranges: [FileOffset, FileOffset][];
}

/** Tables found in a file. */
export interface KallsymsTables {
  layout: KallsymsLayout;
  places: KallsymsPlaces;
  count: number;
  namesSize: Bytes;
}

/** Names between two markers. */
export const markerInterval = 256;
export const tokenIndexSize: Bytes = 512;
export const sequenceSize: Bytes = 3;
/** Sequence numbers have three bytes. */
export const mostSymbols = 1 << 24;
/** KSYM_NAME_LEN, which counts the NUL; here the type letter precedes the name instead. */
export const longestName: Bytes = 512;
/** Strings of all tokens with their NULs; real kernels have about 1 KB. */
export const mostTokenText: Bytes = 16_384;

export function alignUp(at: number, alignment: number): number {
  return Math.ceil(at / alignment) * alignment;
}

/** Computes all places, in the order of write_src() in scripts/kallsyms.c. */
export function placesOf(
  layout: KallsymsLayout,
  count: number,
  namesSize: Bytes,
  tokenTableSize: Bytes,
): KallsymsPlaces {
  const { word, numSyms, sequenced, namesFirst } = layout;
  const names = numSyms + word;
  const markers = alignUp(names + namesSize, word);
  const markersEnd = markers + 4 * Math.ceil(count / markerInterval);
  if (namesFirst) {
    const tokenTable = alignUp(markersEnd, word);
    const tokenIndex = alignUp(tokenTable + tokenTableSize, word);
    const offsets = alignUp(tokenIndex + tokenIndexSize, word);
    const offsetsEnd = offsets + 4 * count;
    const relativeBase = alignUp(offsetsEnd, word);
    const sequences = sequenced ? relativeBase + word : -1;
    const ranges: [FileOffset, FileOffset][] = [[numSyms, offsetsEnd]];
    if (sequenced) ranges.push([sequences, sequences + sequenceSize * count]);
    return {
      numSyms,
      names,
      markers,
      sequences,
      tokenTable,
      tokenIndex,
      offsets,
      relativeBase,
      ranges,
    };
  }
  const relativeBase = numSyms - word;
  const offsets = relativeBase - alignUp(4 * count, word);
  const sequences = sequenced ? alignUp(markersEnd, word) : -1;
  const tokenTable = sequenced
    ? alignUp(sequences + sequenceSize * count, word)
    : alignUp(markersEnd, word);
  const tokenIndex = alignUp(tokenTable + tokenTableSize, word);
  return {
    numSyms,
    names,
    markers,
    sequences,
    tokenTable,
    tokenIndex,
    offsets,
    relativeBase,
    ranges: [
      [offsets, offsets + 4 * count],
      [numSyms, tokenIndex + tokenIndexSize],
    ],
  };
}

export function within(bytes: Uint8Array, at: FileOffset, length: Bytes): boolean {
  return at >= 0 && length >= 0 && at + length <= bytes.length;
}

export function get32(bytes: Uint8Array, at: FileOffset): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

export function get16(bytes: Uint8Array, at: FileOffset): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export function put32(bytes: Uint8Array, at: FileOffset, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
