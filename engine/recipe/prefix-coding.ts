import { recipeErrors } from '../errors/recipe.js';
import { SymbolWriter, type BitReader, type BitWriter } from './bit-stream.js';
import { clusterContexts, type Clustering } from './clusters.js';
import { codeTable, decodingTable, lengthModel, type CodeLengths } from './huffman.js';
import { bitModel, type RangeCoder } from './range-coder.js';

/**
 * Symbols that are coded alike, in contexts that share code tables. The tables
 * are in the range-coded stream, what they code is in the stream of bits.
 */
export interface Group {
  contexts: number;
  symbols: number;
  /** How many tables are tried. */
  tables: readonly number[];
}

/** Of numbers below 2^31: see `symbolOf`. */
export const numberSymbols = 124;
export const mostTables = 64;

/**
 * A number below 2^31 as a symbol and plain bits: itself below 16, else its
 * length and the two bits below its leading one.
 */
function symbolOf(value: number): { symbol: number; plain: number } {
  if (value < 16) return { symbol: value, plain: 0 };
  const plain = 32 - Math.clz32(value) - 3;
  return { symbol: 16 + 4 * (plain - 2) + ((value >>> plain) & 3), plain };
}

interface Event {
  group: number;
  context: number;
  symbol: number;
  /** The plain bits behind the symbol: how many, and the number they are the lowest of. */
  plain: number;
  value: number;
}

/** Takes symbols down, then chooses tables for them and writes both. */
export class PrefixWriter {
  readonly #groups: readonly Group[];
  readonly #events: Event[] = [];

  constructor(groups: readonly Group[]) {
    this.#groups = groups;
  }

  symbol(group: number, context: number, symbol: number): void {
    this.#events.push({ group, context, symbol, plain: 0, value: 0 });
  }

  number(group: number, context: number, value: number): void {
    this.#events.push({ group, context, value, ...symbolOf(value) });
  }

  /** @returns how many tables there are */
  write(coder: RangeCoder, to: BitWriter): number {
    const clusterings = this.#groups.map((group, i) => {
      const counts = Array.from({ length: group.contexts }, () => new Uint32Array(group.symbols));
      for (const event of this.#events) {
        if (event.group === i) counts[event.context]![event.symbol]!++;
      }
      return clusterContexts(counts, group.tables);
    });
    clusterings.forEach((clustering, i) => codeClustering(coder, this.#groups[i]!, clustering));
    const writers = clusterings.map(({ tables }) => tables.map((table) => new SymbolWriter(table)));
    for (const { group, context, symbol, plain, value } of this.#events) {
      writers[group]![clusterings[group]!.tableOf[context]!]!.write(to, symbol);
      to.write(value & 0xffff, Math.min(plain, 16));
      if (plain > 16) to.write((value & (2 ** plain - 1)) >>> 16, plain - 16);
    }
    return clusterings.reduce((sum, { tables }) => sum + tables.length, 0);
  }
}

/** Reads what `PrefixWriter` wrote. */
export class PrefixReader {
  readonly #tables: Uint16Array[][];
  readonly #from: BitReader;

  /** @throws recipe-malformed */
  constructor(coder: RangeCoder, from: BitReader, groups: readonly Group[]) {
    this.#from = from;
    this.#tables = groups.map((group) => {
      const { tableOf, tables } = codeClustering(coder, group);
      const decoding = tables.map(decodingTable);
      return Array.from(tableOf, (table) => decoding[table]!);
    });
  }

  symbol(group: number, context: number): number {
    return this.#from.symbol(this.#tables[group]![context]!);
  }

  number(group: number, context: number): number {
    const symbol = this.symbol(group, context);
    if (symbol < 16) return symbol;
    const plain = ((symbol - 16) >> 2) + 2;
    const low = this.#from.read(Math.min(plain, 16));
    const high = plain > 16 ? this.#from.read(plain - 16) : 0;
    return (4 + (symbol & 3)) * 2 ** plain + high * 65536 + low;
  }
}

/** How many tables, which one each context has (a bit: that of the one before), and the tables. */
function codeClustering(
  coder: RangeCoder,
  { contexts, symbols }: Group,
  clustering?: Clustering,
): Clustering {
  const count = coder.direct(8, clustering?.tables.length ?? 0);
  if (count === 0 || count > mostTables) {
    throw recipeErrors.malformed({ why: `${count} code tables` });
  }
  const same = bitModel();
  const numbers = bitModel(256);
  const tableOf = new Uint8Array(contexts);
  let table = 0;
  for (let i = 0; i < contexts && count > 1; i++) {
    const wanted = clustering?.tableOf[i] ?? 0;
    if (coder.bit(same, 0, wanted === table ? 1 : 0) === 0) {
      table = coder.tree(numbers, 0, 8, wanted) & 0xff;
      if (table >= count) throw recipeErrors.malformed({ why: 'a code table that is not there' });
    }
    tableOf[i] = table;
  }
  const lengths = lengthModel();
  const tables: CodeLengths[] = [];
  for (let i = 0; i < count; i++) {
    const before: CodeLengths = tables.at(-1) ?? new Uint8Array(symbols);
    tables.push(codeTable(coder, lengths, before, clustering?.tables[i]));
  }
  return { tableOf, tables };
}
