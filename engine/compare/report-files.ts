import { csvText } from '../report/csv.js';
import { sheet, type Sheet, type SheetValue } from '../report/sheets.js';
import { sheetsToXlsx } from '../report/xlsx.js';
import type { KernelComparison } from './compare.js';
import { reportRows, type ReportRow } from './report-rows.js';
import { totalsOf, type VerdictTotals } from './totals.js';
import { verdicts } from './types.js';

/** Columns of the CSV, in order. New ones are added at the end, so that scripts may count. */
export const diffCsvColumns = [
  'kind',
  'name',
  'name_b',
  'section',
  'source',
  'verdict',
  'reason',
  'evidence',
  'address_a',
  'address_b',
  'size_a',
  'size_b',
] as const;

/** Every function and object, a row each; sizes in bytes. */
export function diffCsv(comparison: KernelComparison): string {
  const rows = [...reportRows(comparison, 'function'), ...reportRows(comparison, 'object')];
  return csvText([diffCsvColumns, ...rows.map(csvRow)]);
}

function csvRow(row: ReportRow): (string | number | null)[] {
  return [
    row.kind,
    row.name,
    row.nameB,
    row.section,
    row.source,
    row.verdict,
    row.reason,
    row.evidence.join(' '),
    row.addressA,
    row.addressB,
    row.sizeA,
    row.sizeB,
  ];
}

/** The same as a workbook: totals, functions, objects, and what has no symbol. */
export function diffXlsx(comparison: KernelComparison): Promise<Uint8Array> {
  const { a, b } = comparison;
  const title = `${a.image.label} and ${b.image.label}`;
  const sheets = [
    totalsSheet(comparison),
    rowsSheet(comparison, 'function'),
    rowsSheet(comparison, 'object'),
    remainderSheet(comparison),
  ];
  // Nothing but the two files decides the content: equal comparisons are equal bytes.
  return sheetsToXlsx(sheets, title, new Date(0));
}

function totalsSheet(comparison: KernelComparison): Sheet {
  const { a, b } = comparison;
  const totals = totalsOf(comparison);
  const lines = (what: string, group: string | null, of: VerdictTotals): SheetValue[][] =>
    verdicts
      .filter((verdict) => of[verdict].count > 0)
      .map((verdict) => {
        const { count, bytesA, bytesB } = of[verdict];
        return [what, group, verdict, count, bytesA, bytesB];
      });
  const rows = [
    ...lines('functions', null, totals.functions),
    ...Object.entries(totals.reasons).map(([reason, { count, bytesA, bytesB }]) => [
      ...['functions that differ', reason, 'differs'],
      ...[count, bytesA, bytesB],
    ]),
    ...lines('objects', null, totals.objects),
    ...totals.objectSections.flatMap(({ section, verdicts: of }) =>
      lines('objects by section', section, of),
    ),
    ...totals.sources.rows.flatMap(({ source, verdicts: of }) =>
      lines(`functions by ${totals.sources.kind}`, source ?? '(unknown)', of),
    ),
  ];
  return sheet(
    'Totals',
    [
      ['what', 'text'],
      ['group', 'text'],
      ['verdict', 'text'],
      ['count', 'integer'],
      [`bytes in ${a.image.label}`, 'integer'],
      [`bytes in ${b.image.label}`, 'integer'],
    ],
    rows,
  );
}

function rowsSheet(comparison: KernelComparison, kind: 'function' | 'object'): Sheet {
  const [a, b] = [comparison.a.image.label, comparison.b.image.label];
  const rows = [...reportRows(comparison, kind)].map((row) => csvRow(row).slice(1));
  return sheet(
    kind === 'function' ? 'Functions' : 'Objects',
    [
      ['name', 'text'],
      [`name in ${b}`, 'text'],
      ['section', 'text'],
      ['source', 'text'],
      ['verdict', 'text'],
      ['reason', 'text'],
      ['evidence', 'text'],
      [`address in ${a}`, 'text'],
      [`address in ${b}`, 'text'],
      [`bytes in ${a}`, 'integer'],
      [`bytes in ${b}`, 'integer'],
    ],
    rows,
  );
}

function remainderSheet({ a, b, remainders }: KernelComparison): Sheet {
  const [labelA, labelB] = [a.image.label, b.image.label];
  const columns = ['bytes', 'bytes on both sides', 'bytes of fill'];
  return sheet(
    'Without symbols',
    [
      ['section', 'text'],
      ['label', 'text'],
      ...columns.map((what): [string, 'integer'] => [`${what} in ${labelA}`, 'integer']),
      ...columns.map((what): [string, 'integer'] => [`${what} in ${labelB}`, 'integer']),
    ],
    remainders.map((r) => [
      ...[r.section, r.label],
      ...[r.sizeA, r.sharedA, r.paddingA],
      ...[r.sizeB, r.sharedB, r.paddingB],
    ]),
  );
}
