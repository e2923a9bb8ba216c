import {
  STB_LOCAL,
  STT_FILE,
  STT_FUNC,
  STT_OBJECT,
  STT_SECTION,
  symbolBinding,
  symbolName,
  symbolType,
  type IndexIntoSymbolTable,
  type SymbolTable,
} from '../elf/index.js';
import type { KallsymsNames } from '../recipe/kallsyms/index.js';
import type { Bytes } from '../units.js';
import { lastNotAbove, signedAddresses, type SignedAddress } from './address.js';

/** Named addresses of a kernel, in order, aliases in rows of their own. */
export interface NameTable {
  length: number;
  start: Float64Array<ArrayBuffer>;
  /** Bytes; 0 where nothing tells: kallsyms has no sizes, and neither have labels. */
  size: Float64Array<ArrayBuffer>;
  name: string[];
  /** Row of each name; of names that several symbols have, the first in memory. */
  row: ReadonlyMap<string, number>;
}

interface Row {
  start: SignedAddress;
  size: Bytes;
  name: string;
  /** Of names that share an address, the one with the lowest rank is shown. */
  rank: number;
}

/** Names of a symbol table. @throws elf-malformed, elf-limit for a broken name */
export function namesOfSymbols(symbols: SymbolTable): NameTable {
  const address = signedAddresses(symbols.value);
  const rows: Row[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const type = symbolType(symbols, i);
    if (type === STT_FILE || type === STT_SECTION || symbols.section[i] === 0) continue;
    const name = symbolName(symbols, i);
    if (name === '') continue;
    rows.push({ start: address[i]!, size: symbols.size[i]!, name, rank: rankOf(symbols, i) });
  }
  return tableOf(rows);
}

function rankOf(symbols: SymbolTable, i: IndexIntoSymbolTable): number {
  const type = symbolType(symbols, i);
  const typed = type === STT_FUNC || type === STT_OBJECT;
  return (typed ? 0 : 2) + (symbolBinding(symbols, i) === STB_LOCAL ? 1 : 0);
}

/**
 * Names of a kernel without a symbol table. kallsyms keeps the low half of
 * addresses; what lies below 2 GB is per-CPU data, which counts from 0.
 */
export function namesOfKallsyms(kallsyms: KallsymsNames): NameTable {
  const rows: Row[] = [];
  for (let i = 0; i < kallsyms.count; i++) {
    rows.push({ start: kallsyms.address[i]! | 0, size: 0, name: kallsyms.name(i), rank: 0 });
  }
  return tableOf(rows);
}

function tableOf(rows: Row[]): NameTable {
  rows.sort((a, b) => a.start - b.start || a.rank - b.rank);
  const row = new Map<string, number>();
  rows.forEach(({ name }, i) => {
    if (!row.has(name)) row.set(name, i);
  });
  return {
    length: rows.length,
    start: Float64Array.from(rows, ({ start }) => start),
    size: Float64Array.from(rows, ({ size }) => size),
    name: rows.map(({ name }) => name),
    row,
  };
}

/** The address that a name stands for. */
export function addressOfName(names: NameTable, name: string): SignedAddress | undefined {
  const row = names.row.get(name);
  return row === undefined ? undefined : names.start[row];
}

export interface NamedPlace {
  name: string;
  /** Bytes behind the name's address. */
  offset: Bytes;
}

/**
 * The name that an address lies behind: the nearest one whose size, where it is
 * known, reaches that far. Undefined below the first name.
 */
export function nameOfAddress(names: NameTable, address: SignedAddress): NamedPlace | undefined {
  let row = lastNotAbove(names.start, names.length, address);
  if (row < 0) return undefined;
  const last = row;
  // The nearest ones may be labels inside of a function: one with a size that covers counts first.
  for (let steps = 0; row >= 0 && steps < 64; row--, steps++) {
    if (address < names.start[row]! + names.size[row]!) return placeIn(names, row, address);
  }
  return placeIn(names, last, address);
}

function placeIn(names: NameTable, row: number, address: SignedAddress): NamedPlace {
  while (row > 0 && names.start[row - 1] === names.start[row]) row--;
  return { name: names.name[row]!, offset: address - names.start[row]! };
}

/** `schedule+0x10`, `schedule`; the bare address where no name is below it. */
export function placeText(names: NameTable, address: SignedAddress): string {
  const place = nameOfAddress(names, address);
  if (place === undefined) return `0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;
  return place.offset === 0 ? place.name : `${place.name}+0x${place.offset.toString(16)}`;
}
