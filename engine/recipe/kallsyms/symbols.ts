import { readAddresses } from './addresses.js';
import { findTables } from './find.js';
import { nameAt, readNames } from './names.js';
import { readTokens } from './tokens.js';

/** The names that a kernel has of itself, in the order of its table: by address. */
export interface KallsymsNames {
  count: number;
  name(index: number): string;
  /** nm's letter: `T`, `t`, `D`, `A` ... */
  type(index: number): string;
  /** Low 32 bits. */
  address: Uint32Array;
}

/** Reads the names of an unpacked payload; null if it has no kallsyms tables. */
export function readKallsymsNames(image: Uint8Array): KallsymsNames | null {
  const tables = findTables(image);
  if (tables === null) return null;
  const tokens = readTokens(image, tables.places.tokenTable);
  const names = tokens && readNames(image, tables.places.names, tables.count, tokens);
  if (!names) return null;
  const text = (index: number): string => Buffer.from(nameAt(names, index)).toString('latin1');
  return {
    count: tables.count,
    name: (index) => text(index).slice(1),
    type: (index) => text(index)[0] ?? '?',
    address: readAddresses(image, tables),
  };
}
