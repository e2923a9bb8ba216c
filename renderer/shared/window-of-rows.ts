/** Rows above and below what is seen, so that scrolling finds them drawn. */
const overscan = 8;

/** Which rows of a long table are drawn: [first, end). Heights in pixels, all rows alike. */
export function windowOfRows(
  rows: number,
  rowHeight: number,
  scrolled: number,
  height: number,
): { first: number; end: number } {
  const first = Math.min(rows, Math.max(0, Math.floor(scrolled / rowHeight) - overscan));
  const end = Math.min(rows, Math.ceil((scrolled + height) / rowHeight) + overscan);
  return { first, end: Math.max(first, end) };
}

export interface SortBy {
  readonly column: string;
  readonly descending: boolean;
}

/** Indices of the rows that pass, sorted; equal rows keep their order. */
export function orderOfRows<Row>(
  rows: readonly Row[],
  passes: ((row: Row) => boolean) | undefined,
  key: ((row: Row) => string | number | null) | undefined,
  descending: boolean,
): Uint32Array {
  const kept: number[] = [];
  for (let i = 0; i < rows.length; i++) if (!passes || passes(rows[i]!)) kept.push(i);
  if (!key) return Uint32Array.from(kept);
  // Keys once a row, not once a comparison.
  const keys = rows.map(key);
  const sign = descending ? -1 : 1;
  kept.sort((a, b) => sign * compare(keys[a]!, keys[b]!) || a - b);
  return Uint32Array.from(kept);
}

/** Null sorts before everything. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
