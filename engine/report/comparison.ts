import type {
  ExperimentRecord,
  ImageRecord,
  MeasurementRecord,
  RunRecord,
} from '../../db/records.js';
import { reportErrors } from '../errors/report.js';
import type { DomainCounts } from '../measure/types.js';
import { columnName, findBaseline } from './baseline.js';
import { flagsOf } from './flags.js';
import type { AbsentCell, Cell, Change, Column, Comparison, Row, Spread } from './types.js';

export interface CompareInput {
  experiment: ExperimentRecord;
  /** At least the images of the plan; one that is missing costs its size and flavour only. */
  images: readonly ImageRecord[];
  /** Runs of this experiment, in any order and any state. */
  runs: readonly RunRecord[];
  /** Measurements of those runs. */
  measurements: readonly MeasurementRecord[];
  /** See `findBaseline`; the first column by default. */
  baseline?: string | number | undefined;
}

/**
 * Turns stored records into the comparison that every report shows.
 *
 * Only finished runs give figures. All finished runs of a cell must give the
 * same one: where they do not, the cell says so and carries no figure, since
 * an average of figures that should be equal means nothing.
 * @throws report-no-columns, report-unknown-baseline
 */
export function compare(input: CompareInput): Comparison {
  const { experiment } = input;
  if (experiment.plan.cells.length === 0) {
    throw reportErrors.noColumns({ experiment: experiment.name });
  }
  const images = new Map(input.images.map((image) => [image.sha256, image]));
  const columns = columnsOf(experiment, images, input.runs);
  const baseline = findBaseline(columns, input.baseline);
  const rows = [
    ...workloadRows(experiment.plan.workloads, columns, input.measurements),
    ...machineRows(columns, images),
  ].map((row) => ({ ...row, cells: withChanges(row.cells, baseline) }));
  return {
    experiment,
    baseline,
    columns,
    rows,
    flags: flagsOf(columns, rows, experiment.plan.repeat),
    measurements: [...input.measurements],
  };
}

/** `value` against `baseline`; undefined where the difference is no finite number. */
export function changeFrom(value: number, baseline: number): Change | undefined {
  const delta = value - baseline;
  if (!Number.isFinite(delta)) return undefined;
  const percent = (delta / baseline) * 100;
  return { delta, percent: Number.isFinite(percent) ? percent : undefined };
}

function columnsOf(
  experiment: ExperimentRecord,
  images: ReadonlyMap<string, ImageRecord>,
  runs: readonly RunRecord[],
): Column[] {
  const sorted = [...runs].sort((a, b) => a.repetition - b.repetition || a.id - b.id);
  return experiment.plan.cells.map((cell, index) => {
    const image = images.get(cell.image);
    const own = sorted.filter((run) => run.cell === index);
    const lines = new Set(finished(own).map((run) => run.memoryLine));
    return {
      index,
      label: cell.label,
      environment: cell.environment,
      name: columnName(cell),
      sha256: cell.image,
      flavour: image?.flavour ?? null,
      kind: image?.kind ?? null,
      kernelVersion: image?.kernelVersion ?? null,
      runs: own,
      memoryLine: lines.size === 1 ? ([...lines][0] ?? null) : null,
    };
  });
}

function workloadRows(
  workloads: readonly string[],
  columns: readonly Column[],
  measurements: readonly MeasurementRecord[],
): Row[] {
  const byRun = new Map<number, Map<string, MeasurementRecord>>();
  for (const measurement of measurements) {
    const ofRun = byRun.get(measurement.runId) ?? new Map<string, MeasurementRecord>();
    byRun.set(measurement.runId, ofRun.set(measurement.workload, measurement));
  }
  return workloads.map((name) => ({
    kind: 'workload',
    name,
    unit: 'instructions per operation',
    better: 'lower',
    cells: columns.map((column) =>
      agreedCell(column, (run) => {
        const cost = byRun.get(run.id)?.get(name);
        if (cost === undefined) return undefined;
        const { statistic, iterations, minimum, mean, maximum, disturbed } = cost;
        const spread = { statistic, iterations, minimum, mean, maximum, disturbed };
        return { value: cost.instructions, split: cost.split, spread };
      }),
    ),
  }));
}

function machineRows(columns: readonly Column[], images: ReadonlyMap<string, ImageRecord>): Row[] {
  return [
    {
      kind: 'boot',
      name: 'boot',
      unit: 'instructions',
      better: 'lower',
      cells: columns.map((column) =>
        agreedCell(column, ({ bootInstructions: split }) =>
          split === null
            ? undefined
            : { value: split.user + split.kernel + split.hypervisor, split },
        ),
      ),
    },
    {
      kind: 'memory',
      name: 'MemTotal',
      unit: 'KiB',
      better: 'higher',
      cells: columns.map((column) =>
        agreedCell(column, ({ memTotalKiB: value }) => (value === null ? undefined : { value })),
      ),
    },
    {
      kind: 'size',
      name: 'image',
      unit: 'bytes',
      better: 'lower',
      cells: columns.map((column) => {
        const value = images.get(column.sha256)?.size;
        return value === undefined ? missing('no record') : figure({ value }, false);
      }),
    },
  ];
}

interface Figure {
  value: number;
  split?: DomainCounts;
  spread?: Spread;
}

/** The figure on which all finished runs of a column agree, or why there is none. */
function agreedCell(column: Column, read: (run: RunRecord) => Figure | undefined): Cell {
  const done = finished(column.runs);
  if (done.length === 0) return absent(column);
  const figures = done.map((run) => usable(read(run)));
  const first = figures.find((found) => found !== undefined);
  if (first === undefined) return missing('not measured');
  const agree = figures.every(
    (other) =>
      other !== undefined && other.value === first.value && sameFields(other.split, first.split),
  );
  if (!agree) {
    const values = done.map((run, index) => ({
      run: run.id,
      value: figures[index]?.value ?? null,
    }));
    return { state: 'disagrees', values };
  }
  return figure(first, !figures.every((other) => sameFields(other?.spread, first.spread)));
}

function figure({ value, split, spread }: Figure, spreadDiffers: boolean): Cell {
  return { state: 'measured', value, split, spread, spreadDiffers, change: undefined };
}

/** A figure that is no finite number is no figure: it must not reach a table as NaN. */
function usable(found: Figure | undefined): Figure | undefined {
  if (found === undefined) return undefined;
  const { value, split, spread } = found;
  const numbers = [
    value,
    ...(split === undefined ? [] : [split.user, split.kernel, split.hypervisor]),
    ...(spread === undefined ? [] : [spread.minimum, spread.mean, spread.maximum]),
  ];
  return numbers.every(Number.isFinite) ? found : undefined;
}

function sameFields(a: object | undefined, b: object | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const other = new Map<string, unknown>(Object.entries(b));
  return Object.entries(a).every(([key, value]) => other.get(key) === value);
}

/** Why a column without a finished run has no figures: its last run tells. */
function absent(column: Column): AbsentCell {
  const last = column.runs.reduce<RunRecord | undefined>(
    (latest, run) => (latest === undefined || run.id > latest.id ? run : latest),
    undefined,
  );
  if (last === undefined) return missing('not run');
  if (last.state === 'failed') return { state: 'failed', outcome: last.outcome ?? 'failed' };
  return last.state === 'running'
    ? { state: 'running', outcome: 'running' }
    : { state: 'interrupted', outcome: last.outcome ?? 'interrupted' };
}

function missing(outcome: string): AbsentCell {
  return { state: 'missing', outcome };
}

function finished(runs: readonly RunRecord[]): RunRecord[] {
  return runs.filter((run) => run.state === 'done');
}

function withChanges(cells: readonly Cell[], baseline: number): Cell[] {
  const base = cells[baseline];
  if (base?.state !== 'measured') return [...cells];
  return cells.map((cell, index) =>
    cell.state === 'measured' && index !== baseline
      ? { ...cell, change: changeFrom(cell.value, base.value) }
      : cell,
  );
}
