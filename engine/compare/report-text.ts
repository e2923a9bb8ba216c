import { grouped, tidy, truncated } from '../report/figures.js';
import type { Bytes } from '../units.js';
import type { KernelComparison } from './compare.js';
import { isSame, reportRows, type ReportRow } from './report-rows.js';
import { totalsOf, type Total, type Totals, type VerdictTotals } from './totals.js';
import { verdicts } from './types.js';
import { verdictWords, why } from './words.js';

export interface SummaryOptions {
  /** How many functions and sources are listed. */
  limit: number;
  bold: (text: string) => string;
}

/** The comparison in brief, in lines of at most 100 columns but for notes, without a final newline. */
export function diffSummary(comparison: KernelComparison, options: SummaryOptions): string {
  const { bold } = options;
  const totals = totalsOf(comparison);
  const because = Object.entries(totals.reasons).filter(([, { count }]) => count > 0);
  const kind = totals.sources.kind === 'folder' ? 'source folder' : 'source file';
  return [
    bold(tidy(`A ${comparison.a.image.label}`)),
    bold(tidy(`B ${comparison.b.image.label}`)),
    ...comparison.notes.map((note) => `Note: ${tidy(note)}`),
    '',
    ...section('functions', verdictLines(totals.functions), bold),
    ...section('functions that differ, why', because, bold),
    ...section('objects', verdictLines(totals.objects), bold),
    ...remainderLines(comparison, totals, bold),
    ...sourceLines(kind, totals.sources.rows, options),
    ...largest(comparison, options),
  ]
    .join('\n')
    .trimEnd();
}

function verdictLines(totals: VerdictTotals): [string, Total][] {
  return verdicts.map((verdict) => [verdictWords[verdict], totals[verdict]]);
}

const stub = 36;

function line(name: string, ...figures: readonly (string | number)[]): string {
  // A space even where a figure is wider than its column.
  const cells = figures.map(
    (figure) => ` ${(typeof figure === 'number' ? grouped(figure) : figure).padStart(15)}`,
  );
  return truncated(tidy(name), stub).padEnd(stub) + cells.join('');
}

function section(
  title: string,
  rows: readonly (readonly [string, Total])[],
  bold: (text: string) => string,
): string[] {
  if (rows.length === 0) return [];
  const sum = (of: (total: Total) => number): number =>
    rows.reduce((all, [, total]) => all + of(total), 0);
  return [
    bold(line(title, 'count', 'bytes in A', 'bytes in B')),
    ...rows.map(([name, { count, bytesA, bytesB }]) => line(`  ${name}`, count, bytesA, bytesB)),
    line(
      '  total',
      sum((t) => t.count),
      sum((t) => t.bytesA),
      sum((t) => t.bytesB),
    ),
    '',
  ];
}

interface SectionRemainder {
  a: Bytes;
  b: Bytes;
  shared: Bytes;
}

/** Bytes without a symbol, by section, and what all tables together come to. */
function remainderLines(
  { remainders }: KernelComparison,
  totals: Totals,
  bold: (text: string) => string,
): string[] {
  const sections = new Map<string, SectionRemainder>();
  const sum: SectionRemainder = { a: 0, b: 0, shared: 0 };
  const fill = { a: 0, b: 0 };
  for (const part of remainders) {
    const known = sections.get(part.section) ?? { a: 0, b: 0, shared: 0 };
    for (const total of [known, sum]) {
      total.a += part.sizeA - part.paddingA;
      total.b += part.sizeB - part.paddingB;
      total.shared += part.sharedA;
    }
    fill.a += part.paddingA;
    fill.b += part.paddingB;
    sections.set(part.section, known);
  }
  const rows = [...sections].filter(([, { a, b }]) => a + b > 0);
  const of = (verdictTotals: VerdictTotals, side: 'bytesA' | 'bytesB'): Bytes =>
    verdicts.reduce((all, verdict) => all + verdictTotals[verdict][side], 0);
  const { functions, objects } = totals;
  const all: [string, Bytes, Bytes][] = [
    ['functions', of(functions, 'bytesA'), of(functions, 'bytesB')],
    ['objects', of(objects, 'bytesA'), of(objects, 'bytesB')],
    ['without symbols', sum.a, sum.b],
    ['fill, and .bss without symbols', fill.a, fill.b],
  ];
  return [
    bold(line('without symbols, by section', 'on both sides', 'bytes in A', 'bytes in B')),
    ...rows.map(([name, { a, b, shared }]) => line(`  ${name}`, shared, a, b)),
    line('  total', sum.shared, sum.a, sum.b),
    '',
    bold(line('all that is loaded', '', 'bytes in A', 'bytes in B')),
    ...all.map(([name, a, b]) => line(`  ${name}`, '', a, b)),
    line(
      '  total',
      '',
      all.reduce((bytes, [, a]) => bytes + a, 0),
      all.reduce((bytes, [, , b]) => bytes + b, 0),
    ),
    '',
  ];
}

function sourceLines(
  kind: string,
  rows: readonly { source: string | null; verdicts: VerdictTotals }[],
  { limit, bold }: SummaryOptions,
): string[] {
  const cells = (source: string | null, totals: VerdictTotals): string =>
    line(
      `  ${source ?? '(unknown)'}`,
      totals.identical.bytesA + totals.addresses.bytesA,
      `${grouped(totals.differs.bytesA)} ${signed(totals.differs.bytesB - totals.differs.bytesA)}`,
      totals['only-a'].bytesA,
      totals['only-b'].bytesB,
    );
  return [
    bold(line(`functions by ${kind}, bytes`, 'same', 'differ', 'only in A', 'only in B')),
    ...rows.slice(0, limit).map(({ source, verdicts: of }) => cells(source, of)),
    ...more(rows.length - limit),
    '',
  ];
}

/** The functions that differ and are largest. */
function largest(comparison: KernelComparison, { limit, bold }: SummaryOptions): string[] {
  const rows = [...reportRows(comparison, 'function')].filter(
    (row) => !isSame(row) && row.verdict === 'differs',
  );
  if (rows.length === 0) return [];
  const size = ({ sizeA, sizeB }: ReportRow): Bytes => Math.max(sizeA ?? 0, sizeB ?? 0);
  rows.sort((one, two) => size(two) - size(one) || (one.name < two.name ? -1 : 1));
  return [
    bold(line('largest functions that differ', 'bytes in A', 'bytes in B') + '  why'),
    ...rows
      .slice(0, limit)
      .map((row) => `${line(`  ${row.name}`, row.sizeA ?? 0, row.sizeB ?? 0)}  ${why(row)}`),
    ...more(rows.length - limit),
  ];
}

function more(left: number): string[] {
  return left > 0 ? [`  ... and ${grouped(left)} more`] : [];
}

function signed(delta: number): string {
  if (delta === 0) return '';
  return delta > 0 ? `+${grouped(delta)}` : `-${grouped(-delta)}`;
}
