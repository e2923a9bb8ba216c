import { recipeErrors } from '../errors/recipe.js';
import type { BitReader, BitWriter } from './bit-stream.js';
import type { Address32 } from './image.js';
import { codeWord } from './layout.js';
import { numberSymbols, PrefixReader, PrefixWriter, type Group } from './prefix-coding.js';
import { signedOf, zigzag, type RangeDecoder, type RangeEncoder } from './range-coder.js';
import type { Row } from './tables.js';

/**
 * What a recipe has of a table of addresses: the edits that lead from the rows
 * that the copies carry to those of the flavour. An edit is so many rows that
 * stay, then one that is inserted or has another payload, or some that are removed.
 */
const insert = 0;
const remove = 1;
const change = 2;

const kept = 0;
const kinds = 1;
const gaps = 2; // of an inserted row's address from that before
const removals = 3; // how many more are removed
const masks = 4; // which two bytes of a payload are those of the row before
const firstPair = 5; // a group for every two bytes

/** The first byte of a pair in the context of the row before, the second in that of the first. */
const pairContexts = 512;

function groupsFor(width: number): Group[] {
  const groups: Group[] = [
    { contexts: 1, symbols: numberSymbols, tables: [1] },
    { contexts: 1, symbols: 3, tables: [1] },
    { contexts: 1, symbols: numberSymbols, tables: [1] },
    { contexts: 1, symbols: numberSymbols, tables: [1] },
  ];
  if (width === 0) return groups;
  groups.push({ contexts: 1, symbols: 1 << (width / 2), tables: [1] });
  for (let i = 0; i < width; i += 2) {
    groups.push({ contexts: pairContexts, symbols: 256, tables: [1, 4, 8, 16] });
  }
  return groups;
}

interface Edit {
  kept: number;
  kind: number;
  row: Row;
  /** Rows that are removed. */
  count: number;
}

function samePayload(a: Row, b: Row): boolean {
  return a.payload.every((byte, i) => byte === b.payload[i]);
}

/** Both in the order of their addresses; where they are not, there are more edits. */
function editsBetween(carried: readonly Row[], wanted: readonly Row[]): Edit[] {
  const edits: Edit[] = [];
  let staying = 0;
  const add = (kind: number, row: Row): void => {
    const last = edits.at(-1);
    if (kind === remove && staying === 0 && last?.kind === remove) {
      last.count++;
      return;
    }
    edits.push({ kept: staying, kind, row, count: 1 });
    staying = 0;
  };
  let i = 0;
  for (const row of wanted) {
    while (i < carried.length && carried[i]!.address < row.address) add(remove, carried[i++]!);
    const same = carried[i];
    if (same?.address !== row.address) {
      add(insert, row);
      continue;
    }
    if (samePayload(same, row)) staying++;
    else add(change, row);
    i++;
  }
  while (i < carried.length) add(remove, carried[i++]!);
  return edits;
}

/** A table to be written: the rows that the copies carry, and those of the flavour. */
export interface WantedTable {
  carried: readonly Row[];
  wanted: readonly Row[];
}

/**
 * Writes the edits of some tables, which share their code tables.
 * @param width bytes of a payload, even
 * @param start the address before the first row
 * @returns how many code tables there are
 */
export function writeRows(
  coder: RangeEncoder,
  stream: BitWriter,
  tables: readonly WantedTable[],
  width: number,
  start: Address32,
): number {
  const writer = new PrefixWriter(groupsFor(width));
  for (const { carried, wanted } of tables) {
    const edits = editsBetween(carried, wanted);
    codeWord(coder, edits.length);
    writeEdits(writer, edits, { address: start, payload: new Uint8Array(width) }, wanted);
  }
  return writer.write(coder, stream);
}

function writeEdits(
  writer: PrefixWriter,
  edits: readonly Edit[],
  first: Row,
  wanted: readonly Row[],
): void {
  let before = first;
  let i = 0;
  for (const edit of edits) {
    writer.number(kept, 0, edit.kept);
    i += edit.kept;
    if (edit.kept > 0) before = wanted[i - 1]!;
    writer.symbol(kinds, 0, edit.kind);
    if (edit.kind === remove) {
      writer.number(removals, 0, edit.count - 1);
      continue;
    }
    if (edit.kind === insert) {
      writer.number(gaps, 0, zigzag((edit.row.address - before.address) | 0));
    }
    if (edit.row.payload.length > 0) writePayload(writer, before.payload, edit.row.payload);
    before = edit.row;
    i++;
  }
}

function writePayload(writer: PrefixWriter, before: Uint8Array, payload: Uint8Array): void {
  let mask = 0;
  for (let i = 0; i < payload.length; i += 2) {
    if (payload[i] === before[i] && payload[i + 1] === before[i + 1]) mask |= 1 << (i >> 1);
  }
  writer.symbol(masks, 0, mask);
  for (let i = 0; i < payload.length; i += 2) {
    if (mask & (1 << (i >> 1))) continue;
    writer.symbol(firstPair + (i >> 1), before[i]!, payload[i]!);
    writer.symbol(firstPair + (i >> 1), 256 + payload[i]!, payload[i + 1]!);
  }
}

/** A table to be read: the rows that the copies carry, and how many there must be. */
export interface CarriedTable {
  carried: readonly Row[];
  count: number;
}

/** Reads what `writeRows` wrote. @throws recipe-malformed */
export function readRows(
  coder: RangeDecoder,
  stream: BitReader,
  tables: readonly CarriedTable[],
  width: number,
  start: Address32,
): Row[][] {
  const edits = tables.map(() => codeWord(coder));
  const reader = new PrefixReader(coder, stream, groupsFor(width));
  const first = { address: start, payload: new Uint8Array(width) };
  return tables.map((table, i) => readTable(reader, table, first, edits[i]!));
}

function readTable(
  reader: PrefixReader,
  { carried, count }: CarriedTable,
  first: Row,
  edits: number,
): Row[] {
  const rows: Row[] = [];
  let before = first;
  const put = (row: Row): void => {
    if (rows.length === count) throw recipeErrors.malformed({ why: 'a table has too many rows' });
    rows.push(row);
    before = row;
  };
  let i = 0;
  for (let e = 0; e < edits; e++) {
    for (let keep = reader.number(kept, 0); keep > 0; keep--) put(next(carried, i++));
    const kind = reader.symbol(kinds, 0);
    if (kind === remove) {
      i += reader.number(removals, 0) + 1;
      continue;
    }
    let address: Address32;
    if (kind === insert) address = (before.address + signedOf(reader.number(gaps, 0))) >>> 0;
    else address = next(carried, i++).address;
    put({ address, payload: readPayload(reader, before.payload) });
  }
  if (i > carried.length) throw recipeErrors.malformed({ why: 'edits lead behind a table' });
  while (i < carried.length) put(carried[i++]!);
  if (rows.length !== count) throw recipeErrors.malformed({ why: 'a table has too few rows' });
  return rows;
}

function next(carried: readonly Row[], i: number): Row {
  const row = carried[i];
  if (!row) throw recipeErrors.malformed({ why: 'edits lead behind a table' });
  return row;
}

function readPayload(reader: PrefixReader, before: Uint8Array): Uint8Array {
  const payload = before.slice();
  if (payload.length === 0) return payload;
  const mask = reader.symbol(masks, 0);
  for (let i = 0; i < payload.length; i += 2) {
    if (mask & (1 << (i >> 1))) continue;
    payload[i] = reader.symbol(firstPair + (i >> 1), before[i]!);
    payload[i + 1] = reader.symbol(firstPair + (i >> 1), 256 + payload[i]!);
  }
  return payload;
}
