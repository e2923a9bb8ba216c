import type {
  ExperimentRecord,
  ImageKind,
  MeasurementRecord,
  RunRecord,
} from '../../db/records.js';
import type { EnvironmentName } from '../boot/types.js';
import type { DomainCounts } from '../measure/types.js';
import type { Instructions, Sha256 } from '../units.js';

/** One (image, environment) cell of the plan: a column of the comparison. */
export interface Column {
  /** Position in the plan, from 0. */
  index: number;
  label: string;
  environment: EnvironmentName;
  /** `label/environment`, as tables and `--baseline` write it. */
  name: string;
  sha256: Sha256;
  /** Null for merged and imported images, whose record names no flavour. */
  flavour: string | null;
  kind: ImageKind | null;
  kernelVersion: string | null;
  /** Every run of this cell, by repetition, then by id. */
  runs: RunRecord[];
  /** The kernel's own `Memory: ...` line, where all finished runs agree on it. */
  memoryLine: string | null;
}

export type Unit = 'instructions per operation' | 'instructions' | 'KiB' | 'bytes';

/** One line of figures. `cells[i]` belongs to `columns[i]`. */
export interface Row {
  kind: 'workload' | 'boot' | 'memory' | 'size';
  /** A workload's name, or `boot`, `MemTotal`, `image`. */
  name: string;
  unit: Unit;
  /** Which direction is an improvement; decides colours only. */
  better: 'lower' | 'higher';
  cells: Cell[];
}

/** How the iterations of one workload scattered around the reported cost. */
export interface Spread {
  statistic: 'mode' | 'median';
  iterations: number;
  minimum: Instructions;
  mean: Instructions;
  maximum: Instructions;
  /** Iterations whose cost is not the reported one. */
  disturbed: number;
}

/** A difference from the baseline. */
export interface Change {
  delta: number;
  /** Delta in percent of the baseline; undefined where the baseline is 0. */
  percent: number | undefined;
}

/** All finished runs agree on this figure. */
export interface FigureCell {
  state: 'measured';
  value: number;
  /** Workload and boot rows only. In boot rows `user` is firmware and boot code. */
  split: DomainCounts | undefined;
  /** Workload rows only. */
  spread: Spread | undefined;
  /** True when runs agree on the figure but not on every iteration. */
  spreadDiffers: boolean;
  /** Undefined in the baseline column and where the baseline has no figure. */
  change: Change | undefined;
}

/** Finished runs that must agree do not; nothing is averaged and nothing is compared. */
export interface DisagreeingCell {
  state: 'disagrees';
  /** What each run says; null where it says nothing. */
  values: { run: number; value: number | null }[];
}

/** No finished run has this figure. */
export interface AbsentCell {
  state: 'failed' | 'interrupted' | 'running' | 'missing';
  /** A word or two for a table: the boot's outcome, or the state. */
  outcome: string;
}

export type Cell = FigureCell | DisagreeingCell | AbsentCell;

/** Something a reader must know before trusting a column. */
export interface Flag {
  kind: 'disagreement' | 'spread' | 'differs-from-earlier' | 'failed' | 'incomplete';
  /** Index of the column. */
  column: number;
  message: string;
}

/** Everything the reports need: derived from stored records, holding no text layout. */
export interface Comparison {
  experiment: ExperimentRecord;
  /** Index of the column the others are compared with. */
  baseline: number;
  columns: Column[];
  /** Workloads in plan order, then `boot`, `MemTotal`, `image`. */
  rows: Row[];
  /** By column, disagreements first. */
  flags: Flag[];
  /** The experiment's measurements, for the raw tables; runs are in `columns`. */
  measurements: MeasurementRecord[];
}
