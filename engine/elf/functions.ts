import type { VirtualAddress } from '../units.js';
import { SHN_UNDEF, STB_LOCAL, STT_FUNC } from './constants.js';
import {
  sectionAbsolute,
  symbolBinding,
  symbolType,
  type IndexIntoSymbolTable,
  type SymbolTable,
} from './symbols.js';

export type IndexIntoFunctionTable = number;

/**
 * The functions of an image in order of address, one row an address: aliases
 * (`__x64_sys_ni_syscall`, `sys_ni_syscall`) share a row. Made for questions
 * about addresses: whose instruction is this, whose relocation.
 */
export interface FunctionTable {
  length: number;
  /** First byte of the function. */
  start: BigUint64Array;
  /** Size in bytes: the largest `st_size` among the aliases. */
  size: Float64Array;
  /** The symbol the row is named after: a global one before a local one, then the first. */
  symbol: Uint32Array;
  /** The row whose bytes enclose this row's first byte, or -1: assembly has nested functions. */
  enclosing: Int32Array;
}

/** Collects the STT_FUNC symbols that are defined in a section. */
export function readFunctions(symbols: SymbolTable): FunctionTable {
  const order = sortedFunctions(symbols);
  const start = new BigUint64Array(order.length);
  const size = new Float64Array(order.length);
  const symbol = new Uint32Array(order.length);
  let length = 0;
  for (const index of order) {
    const last = length - 1;
    if (last >= 0 && start[last] === symbols.value[index]) {
      size[last] = Math.max(size[last]!, symbols.size[index]!);
      continue;
    }
    start[length] = symbols.value[index]!;
    size[length] = symbols.size[index]!;
    symbol[length] = index;
    length++;
  }
  const table: FunctionTable = {
    length,
    start: start.subarray(0, length),
    size: size.subarray(0, length),
    symbol: symbol.subarray(0, length),
    enclosing: new Int32Array(length),
  };
  // Up the rows that enclose the one before until one also encloses this one.
  for (let row = 0; row < length; row++) {
    table.enclosing[row] = row === 0 ? -1 : rowAround(table, row - 1, table.start[row]!);
  }
  return table;
}

/** Function symbols by address; at one address the one that names the row comes first. */
function sortedFunctions(symbols: SymbolTable): Uint32Array {
  const found: IndexIntoSymbolTable[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const section = symbols.section[i];
    if (symbolType(symbols, i) !== STT_FUNC) continue;
    if (section !== SHN_UNDEF && section !== sectionAbsolute) found.push(i);
  }
  // Halves of addresses compare several times faster than BigInts.
  const halves = new Uint32Array(symbols.value.buffer, symbols.value.byteOffset);
  const isLocal = (i: IndexIntoSymbolTable): number =>
    symbolBinding(symbols, i) === STB_LOCAL ? 1 : 0;
  return Uint32Array.from(found).sort(
    (a, b) =>
      halves[2 * a + 1]! - halves[2 * b + 1]! ||
      halves[2 * a]! - halves[2 * b]! ||
      isLocal(a) - isLocal(b) ||
      a - b,
  );
}

/**
 * The function whose bytes contain an address, the innermost of nested ones,
 * or -1. A function of size 0 (assembly without `.size`) contains only its
 * first byte.
 */
export function functionAt(table: FunctionTable, address: VirtualAddress): IndexIntoFunctionTable {
  let low = 0;
  let high = table.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table.start[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  return rowAround(table, low - 1, address);
}

/** The row, or the next one around it, that contains an address not below its start. */
function rowAround(
  table: FunctionTable,
  row: IndexIntoFunctionTable,
  address: VirtualAddress,
): IndexIntoFunctionTable {
  while (row >= 0) {
    const distance = Number(address - table.start[row]!);
    if (distance < Math.max(table.size[row]!, 1)) return row;
    row = table.enclosing[row]!;
  }
  return -1;
}
