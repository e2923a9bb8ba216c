import { STB_LOCAL, symbolBinding, symbolName } from '../elf/index.js';
import { align } from './align.js';
import { normalisedName } from './names.js';
import { kindObject, type IndexIntoPlaceTable } from './places.js';
import { contentHash, type Side } from './side.js';

/** Which row of one kernel is which row of the other: -1 for those that have no counterpart. */
export interface Pairing {
  /** Row of B, by row of A. */
  ofA: Int32Array<ArrayBuffer>;
  /** Row of A, by row of B. */
  ofB: Int32Array<ArrayBuffer>;
}

/**
 * Pairs functions with functions and objects with objects:
 * 1. by a global name, aliases included;
 * 2. by file symbol and normalised name;
 * 3. by normalised name alone: when the contents are equal, or when there is
 *    one on each side and not both are known to come from different files.
 *
 * Where several rows share such a key, those with equal contents (address
 * fields left out) are paired first, then equal names, then what is left, in
 * order of address. Numbered objects (`__func__.12`) are only paired when their
 * sizes agree: the number says nothing.
 */
export function pairPlaces(a: Side, b: Side): Pairing {
  const pairing: Pairing = {
    ofA: new Int32Array(a.places.table.length).fill(-1),
    ofB: new Int32Array(b.places.table.length).fill(-1),
  };
  pairGlobals(a, b, pairing);
  const fileOfB = pairFiles(a, b);
  const fileA = (row: IndexIntoPlaceTable): number => a.places.table.file[row]!;
  const fileB = (row: IndexIntoPlaceTable): number => fileOfB[b.places.table.file[row]!] ?? -1;
  pairGroups(
    a,
    b,
    pairing,
    (row) => (fileA(row) < 0 ? null : fileA(row)),
    (row) => (fileB(row) < 0 ? null : fileB(row)),
    () => true,
  );
  const isKnown = (row: IndexIntoPlaceTable, side: Side): boolean =>
    side.places.table.file[row]! >= 0;
  pairGroups(
    a,
    b,
    pairing,
    () => 0,
    () => 0,
    (rowA, rowB) => !(isKnown(rowA, a) && isKnown(rowB, b)),
  );
  return pairing;
}

function pair(pairing: Pairing, rowA: IndexIntoPlaceTable, rowB: IndexIntoPlaceTable): void {
  pairing.ofA[rowA] = rowB;
  pairing.ofB[rowB] = rowA;
}

function pairGlobals(a: Side, b: Side, pairing: Pairing): void {
  const rows = new Map<string, IndexIntoPlaceTable>();
  for (const [name, row] of globalRows(b)) rows.set(name, row);
  for (const [name, row] of globalRows(a)) {
    const other = rows.get(name);
    if (other === undefined || pairing.ofA[row] !== -1 || pairing.ofB[other] !== -1) continue;
    if (a.places.table.kind[row] === b.places.table.kind[other]) pair(pairing, row, other);
  }
}

function* globalRows({ image, places }: Side): Generator<[string, IndexIntoPlaceTable]> {
  const { symbols } = image;
  for (let i = 0; i < symbols.length; i++) {
    const row = places.rowOfSymbol[i]!;
    if (row < 0 || symbolBinding(symbols, i) === STB_LOCAL) continue;
    yield [symbolName(symbols, i), row];
  }
}

/** File of A, by file of B: base names repeat (`core.c`), the order of linking tells them apart. */
function pairFiles(a: Side, b: Side): number[] {
  const numbers = new Map<string, number>();
  const keys = (files: readonly string[]): number[] =>
    files.map((name) => {
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      return number;
    });
  const alignment = align(keys(a.places.files), keys(b.places.files));
  const fileOfB = new Array<number>(b.places.files.length).fill(-1);
  for (let i = 0; i < alignment.length; i++) fileOfB[alignment.b[i]!] = alignment.a[i]!;
  // Files that were linked in another order are left, and matched by name.
  const isTaken = new Set(fileOfB);
  const waiting = new Map<string, number[]>();
  for (let file = a.places.files.length - 1; file >= 0; file--) {
    const name = a.places.files[file]!;
    if (isTaken.has(file)) continue;
    const files = waiting.get(name);
    if (files) files.push(file);
    else waiting.set(name, [file]);
  }
  b.places.files.forEach((name, file) => {
    if (fileOfB[file] === -1) fileOfB[file] = waiting.get(name)?.pop() ?? -1;
  });
  return fileOfB;
}

type Rows = IndexIntoPlaceTable[];
type Group = { a: Rows; b: Rows };

/**
 * Pairs what is not paired yet within groups of equal normalised name and file.
 * @param mayDiffer whether two rows may be paired although their contents differ
 */
function pairGroups(
  a: Side,
  b: Side,
  pairing: Pairing,
  fileA: (row: IndexIntoPlaceTable) => number | null,
  fileB: (row: IndexIntoPlaceTable) => number | null,
  mayDiffer: (rowA: IndexIntoPlaceTable, rowB: IndexIntoPlaceTable) => boolean,
): void {
  const groups = new Map<string, Group>();
  const collect = (
    side: 'a' | 'b',
    { places: { table } }: Side,
    paired: Int32Array,
    file: (row: IndexIntoPlaceTable) => number | null,
  ): void => {
    for (let row = 0; row < table.length; row++) {
      const from = paired[row] === -1 ? file(row) : null;
      if (from === null) continue;
      const key = `${table.kind[row]!} ${from} ${normalisedName(table.name[row]!)}`;
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { a: [], b: [] }));
      group[side].push(row);
    }
  };
  collect('a', a, pairing.ofA, fileA);
  collect('b', b, pairing.ofB, fileB);
  for (const { a: rowsA, b: rowsB } of groups.values()) {
    if (rowsA.length === 0 || rowsB.length === 0) continue;
    const isSingle = rowsA.length === 1 && rowsB.length === 1;
    let left: Group = { a: rowsA, b: rowsB };
    const hashA = (row: IndexIntoPlaceTable): number => contentHash(a, row);
    const hashB = (row: IndexIntoPlaceTable): number => contentHash(b, row);
    if (!isSingle || !mayDiffer(rowsA[0]!, rowsB[0]!)) {
      left = pairEqual(pairing, left, hashA, hashB);
    }
    const fits = (rowA: IndexIntoPlaceTable, rowB: IndexIntoPlaceTable): boolean =>
      mayDiffer(rowA, rowB) && !isNumberedMisfit(a, rowA, b, rowB);
    left = pairEqual(
      pairing,
      left,
      (row) => a.places.table.name[row]!,
      (row) => b.places.table.name[row]!,
      fits,
    );
    pairEqual(
      pairing,
      left,
      () => 0,
      () => 0,
      fits,
    );
  }
}

/** Pairs rows of equal keys in their order; returns those that are left. */
function pairEqual(
  pairing: Pairing,
  { a, b }: Group,
  keyA: (row: IndexIntoPlaceTable) => string | number,
  keyB: (row: IndexIntoPlaceTable) => string | number,
  fits: (rowA: IndexIntoPlaceTable, rowB: IndexIntoPlaceTable) => boolean = () => true,
): Group {
  const waiting = new Map<string | number, Rows>();
  for (const row of b) {
    const key = keyB(row);
    const rows = waiting.get(key);
    if (rows) rows.push(row);
    else waiting.set(key, [row]);
  }
  for (const rows of waiting.values()) rows.reverse();
  for (const row of a) {
    const rows = waiting.get(keyA(row));
    const candidate = rows?.at(-1);
    if (!rows || candidate === undefined || !fits(row, candidate)) continue;
    rows.pop();
    pair(pairing, row, candidate);
  }
  return {
    a: a.filter((row) => pairing.ofA[row] === -1),
    b: b.filter((row) => pairing.ofB[row] === -1),
  };
}

/** Objects that only share a compiler's number, and are not even equally large. */
function isNumberedMisfit(
  a: Side,
  rowA: IndexIntoPlaceTable,
  b: Side,
  rowB: IndexIntoPlaceTable,
): boolean {
  const { kind, name, size } = a.places.table;
  if (kind[rowA] !== kindObject || size[rowA] === b.places.table.size[rowB]) return false;
  return /\.\d+$/.test(name[rowA]!) && /\.\d+$/.test(b.places.table.name[rowB]!);
}
