import { grouped, tidy, truncated } from '../../report/figures.js';
import { narrow } from './column-widths.js';
import type { SiteRow } from './site-row.js';
import type { FamilyTotal } from './site-list.js';

/** Totals by family, then rows, as lines. */
export function totalLines(
  totals: readonly FamilyTotal[],
  bold: (text: string) => string,
): string[] {
  const line = (name: string, ...cells: (string | number)[]): string =>
    name.padEnd(18) +
    cells.map((cell) => (typeof cell === 'number' ? grouped(cell) : cell).padStart(14)).join('');
  const sum = (of: (total: FamilyTotal) => number): number =>
    totals.reduce((all, total) => all + of(total), 0);
  return [
    bold(line('family', 'entries', 'sites', 'bytes', 'in text', 'in init text')),
    ...totals.map((total) =>
      line(
        total.family,
        ...[total.entries, total.sites, total.bytes, total.inText, total.inInitText],
      ),
    ),
    line(
      'total',
      sum((t) => t.entries),
      sum((t) => t.sites),
      sum((t) => t.bytes),
      sum((t) => t.inText),
      sum((t) => t.inInitText),
    ),
  ];
}

interface Column {
  title: string;
  /** Width at most. */
  most: number;
  of: (row: SiteRow) => string;
}

const columns: readonly Column[] = [
  { title: 'address', most: 16, of: ({ address }) => address },
  { title: 'function', most: 34, of: ({ place }) => place },
  { title: 'family', most: 16, of: ({ family }) => family },
  { title: 'bytes', most: 16, of: ({ bytes }) => bytes },
  { title: 'instruction', most: 44, of: ({ instruction }) => instruction },
  { title: 'subject', most: 36, of: ({ subject, place }) => (subject === place ? '' : subject) },
];

const afterColumns: readonly Column[] = [
  { title: 'after boot', most: 44, of: afterText },
  { title: 'outcome', most: 15, of: ({ after }) => after?.outcome ?? '' },
];

/** `=` for what stays; `(init)` for code that is freed, and so never seen after boot. */
function afterText({ after, bytes, staysInText }: SiteRow): string {
  if (!staysInText) return '(init)';
  if (!after) return '';
  return after.bytes === bytes ? '=' : after.instruction;
}

/** Terminals narrower than this are not shown the bytes. */
const roomForBytes = 140;

/** The rows in columns; those that do not fit are cut, with `…`. The files have all of them. */
export function rowLines(
  rows: readonly SiteRow[],
  { width, hasAfter, bold }: { width: number; hasAfter: boolean; bold: (text: string) => string },
): string[] {
  if (rows.length === 0) return [];
  const shown = [
    ...columns.filter(({ title }) => title !== 'bytes' || width >= roomForBytes),
    ...(hasAfter ? afterColumns : []),
  ].filter(({ title, of }) => title !== 'outcome' || rows.some((row) => of(row) !== ''));
  const cells = rows.map((row) => shown.map(({ of }) => tidy(of(row))));
  const widths = shown.map(({ title, most }, i) =>
    Math.min(most, Math.max(title.length, ...cells.map((row) => row[i]!.length))),
  );
  narrow(widths, width - 2 * (shown.length - 1), 1);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => truncated(text, widths[i]!).padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [bold(line(shown.map(({ title }) => title))), ...cells.map(line)];
}
