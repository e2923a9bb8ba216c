/** A measured value and how it was come by: one row of the table. */
export interface Figure {
  what: string;
  value: string;
  unit: string;
  method: string;
}

/**
 * The value below which that part of the others lies.
 * @param part from 0 to 1: 0.5 for the median
 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** A table of Markdown, the method beside each figure. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, method }) => [what, value, unit, method]);
  return [['what', 'value', 'unit', 'method'], ['---', '---:', '---', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}
