import type { RunRecord } from '../../db/records.js';
import { grouped } from './figures.js';
import { neutralised } from './neutralise.js';
import type { Cell, Column, Comparison, Row } from './types.js';
import { absence, bootParts, rowsOf, shellWord, unitNote, wallNote } from './words.js';

/**
 * The workbook that XLSX and ODS share: sheets of typed columns, without a
 * word of either format. Text is neutralised here, once for both. Writers
 * freeze the header row and the first column of every sheet.
 */

export type ColumnFormat = 'text' | 'integer' | 'decimal' | 'percent';
export type SheetValue = string | number | null;

export interface SheetColumn {
  title: string;
  format: ColumnFormat;
  /** In characters. */
  width: number;
  /** Prose that is longer than the column is wide goes on in the cell's next line. */
  wraps: boolean;
}

export interface Sheet {
  name: string;
  columns: SheetColumn[];
  /** Below the header; a `percent` column holds ratios, as spreadsheets do. */
  rows: SheetValue[][];
  /** Below an empty row: they run over their neighbours, and never wrap. */
  notes: SheetValue[][];
}

/** Comparison, boot and memory, raw measurements, and how it was run. */
export function workbook(comparison: Comparison): Sheet[] {
  return [
    comparisonSheet(comparison),
    bootSheet(comparison),
    measurementSheet(comparison),
    runSheet(comparison),
  ];
}

export type Titled = [title: string, format: ColumnFormat];

function comparisonSheet(comparison: Comparison): Sheet {
  const { columns, baseline } = comparison;
  const base = columns[baseline]?.name ?? '';
  const titles = columns.flatMap((column): Titled[] => [
    [`${column.name}: instructions per operation`, 'integer'],
    ...(column.index === baseline ? [] : changeTitles(column.name, base)),
  ]);
  const rows = rowsOf(comparison, 'workload').map((row) => [
    row.name,
    ...columns.flatMap((column) => [
      value(row.cells[column.index]),
      ...(column.index === baseline ? [] : changes(row.cells[column.index])),
    ]),
  ]);
  return sheet('Comparison', [['workload', 'text'], ...titles], rows, [[unitNote]]);
}

function bootSheet(comparison: Comparison): Sheet {
  const base = comparison.columns[comparison.baseline]?.name ?? '';
  const titles: Titled[] = [
    ['column', 'text'],
    ['reset to /init: instructions', 'integer'],
    [`change in % of ${base}`, 'percent'],
    [`of these ${bootParts.user}: instructions`, 'integer'],
    [`of these ${bootParts.kernel}: instructions`, 'integer'],
    [`of these ${bootParts.hypervisor}: instructions`, 'integer'],
    ['MemTotal: KiB', 'integer'],
    [`change in % of ${base}`, 'percent'],
    ['image size: bytes', 'integer'],
    [`change in % of ${base}`, 'percent'],
    ["the kernel's own Memory: line", 'text'],
  ];
  const cellOf = (kind: Row['kind'], column: Column): Cell | undefined =>
    rowsOf(comparison, kind)[0]?.cells[column.index];
  const rows = comparison.columns.map((column) => {
    const boot = cellOf('boot', column);
    const split = boot?.state === 'measured' ? boot.split : undefined;
    return [
      column.name,
      value(boot),
      changes(boot)[1] ?? null,
      split?.user ?? null,
      split?.kernel ?? null,
      split?.hypervisor ?? null,
      ...[cellOf('memory', column), cellOf('size', column)].flatMap((cell) => [
        value(cell),
        changes(cell)[1] ?? null,
      ]),
      column.memoryLine,
    ];
  });
  return sheet('Boot and memory', titles, rows);
}

function measurementSheet(comparison: Comparison): Sheet {
  const unit = 'instructions per operation';
  const titles: Titled[] = [
    ['run', 'integer'],
    ['label', 'text'],
    ['environment', 'text'],
    ['flavour', 'text'],
    ['repetition', 'integer'],
    ['run state', 'text'],
    ['workload', 'text'],
    [unit, 'integer'],
    ['statistic', 'text'],
    [`user: ${unit}`, 'integer'],
    [`kernel: ${unit}`, 'integer'],
    [`hypervisor: ${unit}`, 'integer'],
    [`minimum: ${unit}`, 'integer'],
    [`mean: ${unit}`, 'decimal'],
    [`maximum: ${unit}`, 'integer'],
    ['iterations', 'integer'],
    ['disturbed iterations', 'integer'],
    ['image SHA-256', 'text'],
  ];
  const rows = comparison.columns.flatMap((column) =>
    column.runs.flatMap((run) =>
      comparison.measurements
        .filter((cost) => cost.runId === run.id)
        .map((cost) => [
          run.id,
          column.label,
          column.environment,
          column.flavour,
          run.repetition + 1,
          run.state,
          cost.workload,
          cost.instructions,
          cost.statistic,
          cost.split.user,
          cost.split.kernel,
          cost.split.hypervisor,
          cost.minimum,
          cost.mean,
          cost.maximum,
          cost.iterations,
          cost.disturbed,
          column.sha256,
        ]),
    ),
  );
  return sheet('Measurements', titles, rows);
}

function runSheet(comparison: Comparison): Sheet {
  const titles: Titled[] = [
    ['column', 'text'],
    ['run', 'integer'],
    ['repetition', 'integer'],
    ['state', 'text'],
    ['outcome', 'text'],
    ['evidence', 'text'],
    [`wall time: seconds (${wallNote})`, 'decimal'],
    ['emulator', 'text'],
    ['Xen', 'text'],
    ['counter plugin', 'text'],
    ['CPU model', 'text'],
    ['command', 'text'],
    ['kernel command line', 'text'],
    ['Xen command line', 'text'],
    ['started (UTC)', 'text'],
    ['finished (UTC)', 'text'],
    ['image SHA-256', 'text'],
    ['input hash', 'text'],
    ['counts differ from runs', 'text'],
  ];
  const rows = comparison.columns.flatMap((column) =>
    column.runs.map((run) => [column.name, ...runValues(run)]),
  );
  return sheet('How it was run', titles, rows, planRows(comparison));
}

function runValues(run: RunRecord): SheetValue[] {
  return [
    run.id,
    run.repetition + 1,
    run.state,
    run.outcome,
    run.evidence,
    run.wall === null ? null : run.wall / 1000,
    run.versions.emulator,
    run.versions.xen,
    run.versions.plugin,
    run.cpu,
    [run.program, ...run.argv].map(shellWord).join(' '),
    run.kernelCommandLine,
    run.xenCommandLine,
    run.startedAt,
    run.finishedAt,
    run.imageSha256,
    run.inputHash,
    run.differsFrom.join(', '),
  ];
}

/** What decides the figures, as name and value in the first and the sixth column. */
function planRows({ experiment, columns, baseline, flags }: Comparison): SheetValue[][] {
  const { plan } = experiment;
  const facts: [string, string][] = [
    ['experiment', experiment.name],
    ['note', experiment.note],
    ['plan hash', experiment.planHash],
    ['baseline', columns[baseline]?.name ?? ''],
    ['workloads', plan.workloads.join(', ')],
    ['boots of every column', String(plan.repeat)],
    ['machine', `CPU ${plan.machine.cpu}, ${plan.machine.memory} MiB`],
    ['memory of dom0', `${plan.machine.dom0Memory} MiB`],
    ['added to the kernel command line', plan.append],
    ['unit', unitNote],
    ...flags.map((flag): [string, string] => [
      `read with care: ${columns[flag.column]?.name ?? ''}`,
      flag.message,
    ]),
  ];
  return facts.map(([name, text]) => [name, null, null, null, null, text]);
}

function changeTitles(name: string, base: string): Titled[] {
  return [
    [`${name}: difference in instructions`, 'integer'],
    [`${name}: change in % of ${base}`, 'percent'],
  ];
}

function value(cell: Cell | undefined): SheetValue {
  if (cell === undefined) return null;
  return cell.state === 'measured' ? cell.value : absence(cell);
}

/** Delta, and the percentage as a ratio. */
function changes(cell: Cell | undefined): SheetValue[] {
  if (cell?.state !== 'measured' || cell.change === undefined) return [null, null];
  const { delta, percent } = cell.change;
  return [delta, percent === undefined ? null : percent / 100];
}

/** Widest and narrowest a column is made, in characters; header words wrap. */
const narrowest = 9;
const widest = 64;
/** Of a column of prose. */
const proseWidth = 36;
/** Characters that still can be read where a sheet is fitted to the width of A4. */
const pageWidth = 300;

/** A sheet of safe cells, its columns as wide as what they show. @param notes rows that decide no width */
export function sheet(
  name: string,
  titles: readonly Titled[],
  rows: readonly SheetValue[][],
  notes: readonly SheetValue[][] = [],
): Sheet {
  const safe = (row: readonly SheetValue[]): SheetValue[] => row.map(safeValue);
  const body = rows.map(safe);
  const columns = titles.map(([title, format], index): SheetColumn => {
    const texts = body.map((row) => shown(row[index] ?? null, format));
    const wraps = texts.some((text) => text.length > proseWidth && text.includes(' '));
    // A header breaks where spreadsheets break words: `xen/` `xen-` `pv-` `dom0:`.
    const words = neutralised(title).split(/\s|(?<=[/-])/);
    const lengths = [...words.map(boldWidth), ...texts.map(({ length }) => length)];
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    const indent = format === 'text' ? 2 : 0;
    const width = Math.max(narrowest, Math.min(longest, wraps ? proseWidth : widest)) + 2 + indent;
    return { title: neutralised(title), format, width, wraps };
  });
  return { name, columns, rows: body, notes: notes.map(safe) };
}

function boldWidth({ length }: string): number {
  return Math.ceil(length * 1.15);
}

/** Pages beside each other that a sheet is printed on: one, unless it would be too small to read. */
export function pagesAcross({ columns }: Sheet): number {
  const total = columns.reduce((sum, { width }) => sum + width, 0);
  return Math.ceil(total / pageWidth);
}

/** All rows below the header, in their order. */
export function rowsBelow({ rows, notes }: Sheet): SheetValue[][] {
  return notes.length === 0 ? rows : [...rows, [], ...notes];
}

function safeValue(value: SheetValue): SheetValue {
  if (typeof value === 'string') return value === '' ? null : neutralised(value);
  return value !== null && Number.isFinite(value) ? value : null;
}

/** A value as a spreadsheet shows it: decides widths, and is the text of ODS cells. */
export function shown(value: SheetValue, format: ColumnFormat): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (format !== 'percent') return grouped(value);
  return `${value > 0 ? '+' : ''}${(value * 100).toFixed(2)}%`;
}
