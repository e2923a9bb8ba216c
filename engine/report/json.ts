import type { RunRecord } from '../../db/records.js';
import type { ComparisonDocument } from './schema.js';
import type { Cell, Change, Column, Comparison, Row } from './types.js';
import { absence, rowsOf, unitNote } from './words.js';

type CellEntry = ComparisonDocument['cells'][number];
type MachineFigure = ComparisonDocument['boot'][number]['memTotalKiB'];

/** The comparison as a document of `schema.ts`. */
export function toDocument(comparison: Comparison): ComparisonDocument {
  const { experiment, baseline, columns } = comparison;
  const { id, name, note, state, createdAt, finishedAt, planHash, plan } = experiment;
  return {
    schema: 'kbl-comparison',
    version: 1,
    note: unitNote,
    experiment: { id, name, note, state, createdAt, finishedAt, planHash, plan },
    baseline: { column: baseline, name: columns[baseline]?.name ?? '' },
    columns: columns.map((column) => ({
      ...where(column),
      name: column.name,
      kind: column.kind,
      kernelVersion: column.kernelVersion,
      runs: column.runs.map((run) => run.id),
      memoryLine: column.memoryLine,
    })),
    cells: rowsOf(comparison, 'workload').flatMap((row) =>
      columns.map((column) => ({
        ...where(column),
        workload: row.name,
        ...instructionsOf(cellAt([row], column)),
        ...spreadOf(cellAt([row], column)),
      })),
    ),
    boot: columns.map((column) => ({
      ...where(column),
      ...instructionsOf(cellAt(rowsOf(comparison, 'boot'), column)),
      memTotalKiB: machineFigure(cellAt(rowsOf(comparison, 'memory'), column)),
      imageBytes: machineFigure(cellAt(rowsOf(comparison, 'size'), column)),
    })),
    flags: comparison.flags.map(({ kind, column, message }) => ({ kind, column, message })),
    runs: columns.flatMap((column) => column.runs.map((run) => runEntry(run, column))),
  };
}

/** The document as text: two spaces, and a newline at the end. */
export function toJson(comparison: Comparison): string {
  return `${JSON.stringify(toDocument(comparison), null, 2)}\n`;
}

function cellAt(rows: readonly Row[], column: Column): Cell {
  return rows[0]?.cells[column.index] ?? { state: 'missing', outcome: 'not run' };
}

function where({ index, label, environment, flavour, sha256 }: Column) {
  return { column: index, label, environment, flavour, sha256 };
}

function instructionsOf(
  cell: Cell,
): Pick<CellEntry, 'state' | 'outcome' | 'instructions' | 'baseline' | 'disagreement'> {
  const { value, ...rest } = machineFigure(cell);
  const split = cell.state === 'measured' ? cell.split : undefined;
  const instructions =
    value === null || split === undefined
      ? null
      : { total: value, user: split.user, kernel: split.kernel, hypervisor: split.hypervisor };
  return { ...rest, instructions };
}

function spreadOf(cell: Cell): Pick<CellEntry, 'statistic' | 'spread'> {
  if (cell.state !== 'measured' || cell.spread === undefined) {
    return { statistic: null, spread: null };
  }
  const { statistic, minimum, mean, maximum, iterations, disturbed } = cell.spread;
  const differs = cell.spreadDiffers;
  return { statistic, spread: { minimum, mean, maximum, iterations, disturbed, differs } };
}

function machineFigure(cell: Cell): MachineFigure {
  const measured = cell.state === 'measured' ? cell : undefined;
  return {
    state: cell.state,
    outcome: cell.state === 'measured' ? null : absence(cell),
    value: measured?.value ?? null,
    baseline: changeEntry(measured?.change),
    disagreement: cell.state === 'disagrees' ? cell.values : null,
  };
}

function changeEntry(change: Change | undefined): MachineFigure['baseline'] {
  return change === undefined ? null : { delta: change.delta, percent: change.percent ?? null };
}

function runEntry(run: RunRecord, column: Column): ComparisonDocument['runs'][number] {
  return {
    id: run.id,
    column: column.index,
    repetition: run.repetition,
    environment: run.environment,
    state: run.state,
    outcome: run.outcome,
    evidence: run.evidence,
    inputHash: run.inputHash,
    program: run.program,
    argv: run.argv,
    kernelCommandLine: run.kernelCommandLine,
    xenCommandLine: run.xenCommandLine,
    versions: run.versions,
    cpu: run.cpu,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    wallMilliseconds: run.wall,
    differsFrom: run.differsFrom,
  };
}
