import { codeLengths, type CodeLengths } from './huffman.js';

/** Contexts that share tables: which table each has, and the tables. */
export interface Clustering {
  tableOf: Uint8Array;
  tables: CodeLengths[];
}

const rounds = 8;
/** Bits that a table costs for each symbol it has, about. */
const symbolCost = 3;

/** A context in which something occurs: its symbols that do, and how often. */
interface Row {
  context: number;
  symbols: number[];
  counts: number[];
  total: number;
}

/**
 * Shares code tables between contexts: k-means with the length of the text as
 * the distance, beginning with the contexts that have most symbols, for some
 * numbers of tables of which the best is taken.
 * @param counts by context and symbol
 */
export function clusterContexts(
  counts: readonly Uint32Array[],
  most: readonly number[],
): Clustering {
  const rows = usedRows(counts);
  const size = counts[0]!.length;
  let best: { cost: number; clustering: Clustering } | null = null;
  for (const k of most) {
    const clustering = tablesFor(rows, assign(rows, size, k), size, counts.length);
    const cost = costOf(rows, clustering);
    if (!best || cost < best.cost) best = { cost, clustering };
  }
  return best!.clustering;
}

function usedRows(counts: readonly Uint32Array[]): Row[] {
  const rows = counts.map((row, context) => {
    const symbols: number[] = [];
    row.forEach((n, symbol) => n > 0 && symbols.push(symbol));
    const own = symbols.map((symbol) => row[symbol]!);
    return { context, symbols, counts: own, total: own.reduce((sum, n) => sum + n, 0) };
  });
  return rows.filter(({ total }) => total > 0);
}

/** The cluster of each row. */
function assign(rows: readonly Row[], size: number, k: number): Uint8Array {
  const order = [...rows].sort((a, b) => b.total - a.total);
  let means = order.slice(0, k).map((row) => bitsOf(sumOf([row], size)));
  let clusters = new Uint8Array(rows.length);
  for (let round = 0; round < rounds; round++) {
    const before = clusters;
    clusters = Uint8Array.from(rows, (row) => nearest(row, means));
    if (round > 0 && clusters.every((cluster, i) => cluster === before[i])) break;
    means = sumsOf(rows, clusters, means.length, size).map(bitsOf);
  }
  return clusters;
}

function nearest({ symbols, counts }: Row, means: readonly Float64Array[]): number {
  let best = 0;
  let least = Infinity;
  for (let cluster = 0; cluster < means.length; cluster++) {
    const bits = means[cluster]!;
    let cost = 0;
    for (let i = 0; i < symbols.length; i++) cost += counts[i]! * bits[symbols[i]!]!;
    if (cost < least) {
      least = cost;
      best = cluster;
    }
  }
  return best;
}

/** Bits for each symbol by its share, with a little of everything. */
function bitsOf(row: Uint32Array): Float64Array {
  const little = 0.05;
  const total = row.reduce((sum, n) => sum + n, 0) + little * row.length;
  return Float64Array.from(row, (n) => Math.min(12, -Math.log2((n + little) / total)));
}

function sumOf(rows: readonly Row[], size: number): Uint32Array {
  return sumsOf(rows, new Uint8Array(rows.length), 1, size)[0]!;
}

/** For each cluster how often each symbol occurs in it. */
function sumsOf(
  rows: readonly Row[],
  clusters: Uint8Array,
  count: number,
  size: number,
): Uint32Array[] {
  const sums = Array.from({ length: count }, () => new Uint32Array(size));
  rows.forEach(({ symbols, counts }, i) => {
    const sum = sums[clusters[i]!]!;
    symbols.forEach((symbol, j) => (sum[symbol]! += counts[j]!));
  });
  return sums;
}

/** Tables that are used, numbered anew from 0. */
function tablesFor(
  rows: readonly Row[],
  clusters: Uint8Array,
  size: number,
  contexts: number,
): Clustering {
  const numbers = new Map<number, number>();
  for (const cluster of clusters) {
    if (!numbers.has(cluster)) numbers.set(cluster, numbers.size);
  }
  const renumbered = clusters.map((cluster) => numbers.get(cluster)!);
  const tableOf = new Uint8Array(contexts);
  rows.forEach(({ context }, i) => (tableOf[context] = renumbered[i]!));
  const sums = sumsOf(rows, renumbered, Math.max(1, numbers.size), size);
  return { tableOf, tables: sums.map(codeLengths) };
}

function costOf(rows: readonly Row[], { tableOf, tables }: Clustering): number {
  let bits = 0;
  for (const { context, symbols, counts } of rows) {
    const lengths = tables[tableOf[context]!]!;
    symbols.forEach((symbol, i) => (bits += counts[i]! * lengths[symbol]!));
  }
  for (const table of tables) bits += symbolCost * table.filter((length) => length > 0).length;
  return bits + tables.length * 32;
}
