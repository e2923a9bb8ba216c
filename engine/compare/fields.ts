import type { IndexIntoSymbolTable } from '../elf/index.js';
import type { Bytes } from '../units.js';
import { lastNotAbove, type SignedAddress } from '../kernel/address.js';

export type IndexIntoFieldTable = number;

/**
 * Places of an image whose content is an address, in order and apart from each
 * other. Everything else in an image is compared byte by byte.
 */
export interface FieldTable {
  length: number;
  start: Float64Array<ArrayBuffer>;
  /** 1, 2, 4 or 8 bytes. */
  size: Uint8Array<ArrayBuffer>;
  /** The address that the field leads to. */
  target: Float64Array<ArrayBuffer>;
  /**
   * The symbol that the relocation names; -1 for a field that was found by
   * decoding, or whose content no longer is what its relocation says.
   */
  symbol: Int32Array<ArrayBuffer>;
  /**
   * Bytes that an instruction reads or writes there, when the field is all of
   * its operand's address; 0 for everything else.
   */
  access: Uint8Array<ArrayBuffer>;
  /** 1 where the content counts from the field's own place. */
  relative: Uint8Array<ArrayBuffer>;
}

export function fieldTable(rows: number): FieldTable {
  return {
    length: 0,
    start: new Float64Array(rows),
    size: new Uint8Array(rows),
    target: new Float64Array(rows),
    symbol: new Int32Array(rows),
    relative: new Uint8Array(rows),
    access: new Uint8Array(rows),
  };
}

export function addField(
  list: FieldTable,
  start: SignedAddress,
  size: Bytes,
  target: SignedAddress,
  symbol: IndexIntoSymbolTable,
  relative: boolean,
  access: Bytes = 0,
): void {
  if (list.length === list.start.length) grow(list);
  const at = list.length++;
  list.start[at] = start;
  list.size[at] = size;
  list.target[at] = target;
  list.symbol[at] = symbol;
  list.relative[at] = relative ? 1 : 0;
  list.access[at] = access;
}

function grow(list: FieldTable): void {
  const larger = fieldTable(Math.max(1024, 2 * list.length));
  for (const column of columns) {
    larger[column].set(list[column]);
    Object.assign(list, { [column]: larger[column] });
  }
}

const columns = ['start', 'size', 'target', 'symbol', 'relative', 'access'] as const;

/** Rows of one or two lists by address; of fields that overlap only the first is kept. */
export function sortedFields(...lists: readonly FieldTable[]): FieldTable {
  const rows = lists.reduce((sum, { length }) => sum + length, 0);
  const all = fieldTable(rows);
  for (const list of lists) {
    for (const column of columns) {
      all[column].set(list[column].subarray(0, list.length), all.length);
    }
    all.length += list.length;
  }
  // Lists consist of few ascending runs, which the sort of arrays (not of typed ones) makes use of.
  const order = Array.from({ length: rows }, (_, i) => i);
  order.sort((a, b) => all.start[a]! - all.start[b]! || a - b);
  const sorted = fieldTable(rows);
  let end = -Infinity;
  for (const i of order) {
    if (all.start[i]! < end) continue;
    end = all.start[i]! + all.size[i]!;
    const relative = all.relative[i] === 1;
    addField(
      sorted,
      all.start[i]!,
      all.size[i]!,
      all.target[i]!,
      all.symbol[i]!,
      relative,
      all.access[i],
    );
  }
  return sorted;
}

/** The first field that starts at an address or behind it. */
export function firstFieldFrom(fields: FieldTable, address: SignedAddress): IndexIntoFieldTable {
  return lastNotAbove(fields.start, fields.length, address - 0.5) + 1;
}

/** Whether a range has a byte of some field. */
export function hasFieldIn(fields: FieldTable, from: SignedAddress, end: SignedAddress): boolean {
  const last = lastNotAbove(fields.start, fields.length, end - 0.5);
  return last >= 0 && fields.start[last]! + fields.size[last]! > from;
}
