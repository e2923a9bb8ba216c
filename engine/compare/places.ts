import {
  STB_LOCAL,
  STT_FILE,
  STT_FUNC,
  STT_NOTYPE,
  STT_OBJECT,
  symbolBinding,
  symbolName,
  symbolType,
  type IndexIntoSymbolTable,
} from '../elf/index.js';
import { elfErrors } from '../errors/elf.js';
import type { Bytes } from '../units.js';
import { lastNotAbove, signedAddresses, type SignedAddress } from '../kernel/address.js';
import { sectionOf, type KernelImage } from './image.js';
import { isMadeUp } from './names.js';

export type IndexIntoPlaceTable = number;

export const kindFunction = 0;
export const kindObject = 1;

/**
 * What an image's symbols cover, in order of address, one row an address:
 * aliases share a row. Functions are the sized symbols of executable sections
 * (assembly's are often STT_NOTYPE), objects all other sized ones. Rows never
 * overlap: one that encloses others ends where the next begins, so that all
 * together are no larger than the sections, whatever a symbol table claims.
 */
export interface PlaceTable {
  length: number;
  start: Float64Array<ArrayBuffer>;
  /** Bytes from `start` that belong to the row. */
  size: Float64Array<ArrayBuffer>;
  /** `kindFunction` or `kindObject`. */
  kind: Uint8Array<ArrayBuffer>;
  /** Position in `KernelImage.sections`. */
  section: Uint16Array<ArrayBuffer>;
  /** The symbol the row is named after: global before local, STT_FUNC and STT_OBJECT before STT_NOTYPE. */
  symbol: Uint32Array<ArrayBuffer>;
  /** Whether that symbol is local (static). */
  local: Uint8Array<ArrayBuffer>;
  name: string[];
  /** The file symbol (STT_FILE) that a local symbol follows; -1 where there is none. */
  file: Int32Array<ArrayBuffer>;
}

/** Named addresses without a size: what linker scripts and assembly define. */
export interface LabelTable {
  length: number;
  start: Float64Array<ArrayBuffer>;
  /** Position in `KernelImage.sections`: an end label has the address of what follows in another one. */
  section: Uint16Array<ArrayBuffer>;
  name: string[];
}

export interface Places {
  table: PlaceTable;
  labels: LabelTable;
  /** STT_FILE names in the file's order, which is the order of linking. */
  files: string[];
  /** Row of each symbol, aliases too; -1 for symbols that have none. */
  rowOfSymbol: Int32Array<ArrayBuffer>;
}

/** @throws elf-malformed, elf-limit for a broken name */
export function readPlaces(image: KernelImage): Places {
  const { symbols } = image;
  const address = signedAddresses(symbols.value);
  const files: string[] = [];
  const fileOfSymbol = new Int32Array(symbols.length).fill(-1);
  const sized: IndexIntoSymbolTable[] = [];
  const unsized: IndexIntoSymbolTable[] = [];
  const nameOf = boundedNames(image);
  const positions = new Map(image.sections.map((section, position) => [section.index, position]));
  let file = -1;
  for (let i = 0; i < symbols.length; i++) {
    const type = symbolType(symbols, i);
    if (type === STT_FILE) {
      // The linker closes the list with a nameless file of its own.
      const name = nameOf(i);
      file = name === '' ? -1 : files.push(name) - 1;
    }
    if (type !== STT_FUNC && type !== STT_OBJECT && type !== STT_NOTYPE) continue;
    const position = positions.get(symbols.section[i]!);
    if (position === undefined) continue;
    if (symbolBinding(symbols, i) === STB_LOCAL) fileOfSymbol[i] = file;
    const inside = sectionOf(image, address[i]!) === position;
    (symbols.size[i]! > 0 && inside ? sized : unsized).push(i);
  }
  const { table, rowOfSymbol } = placeRows(image, sized, address, fileOfSymbol, nameOf);
  return {
    table,
    labels: labelRows(image, unsized, address, positions, nameOf),
    files,
    rowOfSymbol,
  };
}

/** Names of symbols, together no longer than the file: many may lie in the same bytes of it. */
function boundedNames({ elf, symbols }: KernelImage): (symbol: IndexIntoSymbolTable) => string {
  const limit = elf.source.size;
  let total: Bytes = 0;
  return (symbol) => {
    const name = symbolName(symbols, symbol);
    total += name.length;
    if (total > limit) throw elfErrors.limit({ what: 'the length of all names', limit });
    return name;
  };
}

function placeRows(
  image: KernelImage,
  sized: readonly IndexIntoSymbolTable[],
  address: Float64Array,
  fileOfSymbol: Int32Array,
  nameOf: (symbol: IndexIntoSymbolTable) => string,
): { table: PlaceTable; rowOfSymbol: Int32Array<ArrayBuffer> } {
  const { symbols, sections } = image;
  const rank = (i: IndexIntoSymbolTable): number =>
    (symbolBinding(symbols, i) === STB_LOCAL ? 2 : 0) +
    (symbolType(symbols, i) === STT_NOTYPE ? 1 : 0);
  const order = Uint32Array.from(sized).sort(
    (a, b) => address[a]! - address[b]! || rank(a) - rank(b) || a - b,
  );
  const rowOfSymbol = new Int32Array(symbols.length).fill(-1);
  const table = emptyTable(order.length);
  let length = 0;
  for (const i of order) {
    const last = length - 1;
    if (last >= 0 && table.start[last] === address[i]) {
      table.size[last] = Math.max(table.size[last]!, symbols.size[i]!);
      rowOfSymbol[i] = last;
      continue;
    }
    const section = sectionOf(image, address[i]!);
    const isCode = sections[section]!.executable && symbolType(symbols, i) !== STT_OBJECT;
    table.start[length] = address[i]!;
    table.size[length] = symbols.size[i]!;
    table.kind[length] = isCode ? kindFunction : kindObject;
    table.section[length] = section;
    table.symbol[length] = i;
    table.local[length] = symbolBinding(symbols, i) === STB_LOCAL ? 1 : 0;
    table.file[length] = fileOfSymbol[i]!;
    table.name.push(nameOf(i));
    rowOfSymbol[i] = length;
    length++;
  }
  for (let row = 0; row < length; row++) {
    const { start, size } = sections[table.section[row]!]!;
    const next = row + 1 < length ? table.start[row + 1]! : Infinity;
    const end = Math.min(table.start[row]! + table.size[row]!, start + size, next);
    table.size[row] = end - table.start[row]!;
  }
  table.length = length;
  return { table, rowOfSymbol };
}

function emptyTable(rows: number): PlaceTable {
  return {
    length: 0,
    start: new Float64Array(rows),
    size: new Float64Array(rows),
    kind: new Uint8Array(rows),
    section: new Uint16Array(rows),
    symbol: new Uint32Array(rows),
    local: new Uint8Array(rows),
    name: [],
    file: new Int32Array(rows),
  };
}

function labelRows(
  { symbols }: KernelImage,
  unsized: readonly IndexIntoSymbolTable[],
  address: Float64Array,
  positions: ReadonlyMap<number, number>,
  nameOf: (symbol: IndexIntoSymbolTable) => string,
): LabelTable {
  const named = unsized
    .map((i) => ({
      at: address[i]!,
      name: nameOf(i),
      section: positions.get(symbols.section[i]!)!,
    }))
    .filter(({ name }) => !isMadeUp(name))
    // Of labels that share an address, the last one is found: the one that begins something.
    .sort(
      (a, b) =>
        a.at - b.at ||
        a.section - b.section ||
        endsSomething(b.name) - endsSomething(a.name) ||
        (a.name < b.name ? -1 : 1),
    );
  return {
    length: named.length,
    start: Float64Array.from(named, ({ at }) => at),
    section: Uint16Array.from(named, ({ section }) => section),
    name: named.map(({ name }) => name),
  };
}

/** `__stop___ex_table`, `__setup_end`, `_etext`: 1 for the names that linker scripts give to ends. */
function endsSomething(name: string): number {
  return /^__stop_|_end$|_stop$|^_+e[a-z]+$/.test(name) ? 1 : 0;
}

/** The row whose bytes hold an address, or -1. */
export function placeAt(table: PlaceTable, address: SignedAddress): IndexIntoPlaceTable {
  const row = lastNotAbove(table.start, table.length, address);
  return row >= 0 && address < table.start[row]! + table.size[row]! ? row : -1;
}

/** The bytes of a row; none in SHT_NOBITS sections. */
export function placeBytes(
  image: KernelImage,
  table: PlaceTable,
  row: IndexIntoPlaceTable,
): Uint8Array {
  const section = image.sections[table.section[row]!]!;
  const from: Bytes = table.start[row]! - section.start;
  return section.bytes.subarray(from, from + table.size[row]!);
}
