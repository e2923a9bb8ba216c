import type { FileOffset } from '../../units.js';
import { readAddresses } from './addresses.js';
import { findTables, sequenceAt } from './find.js';
import { nameAt, readNames, readPacked, type NameList } from './names.js';
import { get32, type KallsymsTables } from './tables.js';
import { readTokens, tokensOf, type Packer, type Token } from './tokens.js';
import { sortedByName, writeKallsyms } from './write.js';

/** The tables of an image, read. */
export interface Kallsyms {
  tables: KallsymsTables;
  /** Ranges [start, end) of the file that the stage rebuilds, ascending. */
  ranges: readonly (readonly [FileOffset, FileOffset])[];
  names: NameList;
  /** The names' codes. */
  packed: Uint8Array[];
  strings: Uint8Array[];
  tokens: Token[];
  packer: Packer;
  /** Low 32 bits. */
  relativeBase: number;
  addresses: Uint32Array;
}

/**
 * Finds and reads the tables of an unpacked payload, and makes sure that they
 * can be rebuilt byte for byte from names and addresses.
 * @returns or else why there is nothing to rebuild
 */
export function readKallsyms(image: Uint8Array): Kallsyms | { reason: string } {
  const tables = findTables(image);
  if (tables === null) return { reason: 'no kallsyms tables were found' };
  const { places, layout, count } = tables;
  const strings = readTokens(image, places.tokenTable);
  const tokens = strings && tokensOf(strings);
  const names = strings && readNames(image, places.names, count, strings);
  if (!strings || !tokens || !names) {
    return { reason: 'the kallsyms names are packed in an unknown way' };
  }
  if (layout.sequenced) {
    const sorted = sortedByName(names);
    if (sorted.some((index, i) => sequenceAt(image, places.sequences, i) !== index)) {
      return { reason: 'the kallsyms names are sorted in an unknown way' };
    }
  }
  const kallsyms: Kallsyms = {
    tables,
    ranges: places.ranges,
    names,
    packed: readPacked(image, places.names, count),
    strings,
    ...tokens,
    relativeBase: get32(image, places.relativeBase),
    addresses: readAddresses(image, tables),
  };
  const rebuilt = new Uint8Array(image.length);
  const packed = Array.from({ length: count }, (_, i) => tokens.packer.pack(nameAt(names, i)));
  writeKallsyms(rebuilt, { ...kallsyms, packed, layout });
  const isExact = places.ranges.every(([start, end]) => {
    const difference = Buffer.compare(rebuilt.subarray(start, end), image.subarray(start, end));
    return difference === 0;
  });
  return isExact ? kallsyms : { reason: 'rebuilding the kallsyms tables gives other bytes' };
}
