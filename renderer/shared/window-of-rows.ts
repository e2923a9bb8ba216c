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

/** Indices of all rows in a column's order; equal rows keep theirs. */
export function sortedRows<Row>(
  rows: readonly Row[],
  key: ((row: Row) => string | number | null) | undefined,
  descending: boolean,
): Uint32Array {
  const order = Uint32Array.from(rows, (_, i) => i);
  if (!key) return order;
  // Keys once a row, not once a comparison.
  const keys = rows.map(key);
  const sign = descending ? -1 : 1;
  return order.sort((a, b) => sign * compare(keys[a]!, keys[b]!) || a - b);
}

/**
 * What rows are searched in: their texts, in lower case, made once. Asking every cell for its text
 * at every key would take longer than a frame with some thousand rows.
 */
export function searchTexts<Row>(
  rows: readonly Row[],
  columns: readonly { readonly number?: boolean; text(row: Row): string }[],
): string[] {
  // Figures are sorted by, not searched; a newline is in no needle.
  const searched = columns.filter(({ number }) => !number);
  return rows.map((row) =>
    searched
      .map((column) => column.text(row))
      .join('\n')
      .toLowerCase(),
  );
}

/** Those of `order` whose text has the needle, which is in lower case. */
export function matchingRows(
  order: Uint32Array,
  texts: readonly string[],
  needle: string,
): Uint32Array {
  return order.filter((row) => texts[row]!.includes(needle));
}

/** Null sorts before everything. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
