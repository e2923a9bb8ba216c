import { neutralised } from './neutralise.js';
import type { Cell, Column, Comparison, Row } from './types.js';
import { absence } from './words.js';

/** Columns of the CSV, in order. New ones are added at the end, so that scripts may count. */
export const csvColumns = [
  'experiment',
  'kind',
  'workload',
  'label',
  'environment',
  'flavour',
  'image_sha256',
  'unit',
  'value',
  'user',
  'kernel',
  'hypervisor',
  'statistic',
  'minimum',
  'mean',
  'maximum',
  'iterations',
  'disturbed',
  'baseline',
  'delta',
  'delta_percent',
  'state',
  'detail',
] as const;

export type CsvValue = string | number | null | undefined;

/**
 * The comparison in long form (RFC 4180): one header row, then one row a cell
 * and workload, then the boot, `MemTotal` and image size of every cell. Numbers
 * have full precision; text is neutralised against formula injection.
 */
export function toCsv(comparison: Comparison): string {
  const rows = comparison.rows.flatMap((row) =>
    comparison.columns.map((column) => csvRow(comparison, row, column)),
  );
  return csvText([csvColumns, ...rows]);
}

/** Rows of safe fields. */
export function csvText(rows: readonly (readonly CsvValue[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function csvRow(comparison: Comparison, row: Row, column: Column): CsvValue[] {
  const cell = row.cells[column.index] ?? absentCell;
  const measured = cell.state === 'measured' ? cell : undefined;
  const { split, spread, change } = measured ?? {};
  return [
    comparison.experiment.name,
    row.kind,
    row.name,
    column.label,
    column.environment,
    column.flavour,
    column.sha256,
    row.unit,
    measured?.value,
    split?.user,
    split?.kernel,
    split?.hypervisor,
    spread?.statistic,
    spread?.minimum,
    spread?.mean,
    spread?.maximum,
    spread?.iterations,
    spread?.disturbed,
    comparison.columns[comparison.baseline]?.name,
    change?.delta,
    change?.percent,
    cell.state,
    cell.state === 'measured' ? detail(row, column, cell.spreadDiffers) : absence(cell),
  ];
}

const absentCell: Cell = { state: 'missing', outcome: 'not run' };

/** The kernel's own line beside `MemTotal`; elsewhere only what needs saying. */
function detail(row: Row, column: Column, spreadDiffers: boolean): string | null {
  if (row.kind === 'memory') return column.memoryLine;
  return spreadDiffers ? 'runs differ in some iterations' : null;
}

/** Quoted where RFC 4180 asks for it, and for `;`, at which some spreadsheets would cut. */
function field(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = neutralised(value);
  return /[",;\t\r\n]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
