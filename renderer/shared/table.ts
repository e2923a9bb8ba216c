/** A column of VirtualTable. */
export interface Column<Row> {
  readonly id: string;
  /** With the unit: `size (bytes)`. */
  readonly title: string;
  /** CSS grid track: `1fr`, `120px`. */
  readonly width: string;
  readonly number?: boolean;
  readonly mono?: boolean;
  /** What is shown. */
  text(row: Row): string;
  /** What is sorted by; the text where absent. */
  key?(row: Row): string | number | null;
  /** A custom property of theme.css, shown as a square before the text: `--verdict-differs`. */
  colour?(row: Row): string;
}

/** Pixels below which a column cannot be read, by its track: what `minmax` or a fixed width says. */
export function narrowest({ width }: Pick<Column<never>, 'width'>): number {
  return Number(/(\d+)px/.exec(width)?.[1] ?? 80);
}
