import type { ComparisonDocument } from '../../../engine/contract/app/compare.js';
import { count } from '../../shared/figures.js';

/** The comparison as rows of figures that a table and a chart can be made of. Pure. */

type Entry = ComparisonDocument['cells'][number];
type Boot = ComparisonDocument['boot'][number];

export interface Split {
  readonly user: number;
  readonly kernel: number;
  readonly hypervisor: number;
}

export interface Figure {
  /** Null where there is none; `outcome` then says why. */
  readonly value: number | null;
  readonly outcome: string | null;
  readonly split: Split | null;
  readonly change: { readonly delta: number; readonly percent: number | null } | null;
  readonly spread: Entry['spread'];
  readonly statistic: Entry['statistic'];
}

export interface FigureRow {
  readonly name: string;
  readonly kind: 'workload' | 'boot' | 'memory' | 'size';
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** By column. */
  readonly figures: readonly Figure[];
}

export type View = 'absolute' | 'percent';
export type Order = 'table' | 'effect';

/** Ingo Molnar's mmap-perf figure of 2009 for PARAVIRT, in percent of instructions (docs/measuring.md). */
export const figureOf2009 = { workload: 'mmap_perf', percent: 1.62 } as const;

/**
 * Whether that figure stands beside what is compared with a column: it is of PARAVIRT against none, on bare
 * hardware. What an imported or merged image was built with is not known; it is not ruled out.
 */
export function appliesTo2009(base: { environment: string; flavour: string | null }): boolean {
  return base.environment === 'bare' && (base.flavour === 'native' || base.flavour === null);
}

/** Workloads in plan order, then boot, MemTotal and image size. */
export function figureRows({ experiment, columns, cells, boot }: ComparisonDocument): FigureRow[] {
  const byColumn = <T extends { column: number }>(entries: T[], figure: (entry: T) => Figure) =>
    columns.map(({ column }) => {
      const found = entries.find((entry) => entry.column === column);
      return found ? figure(found) : nothing;
    });
  const workloads = experiment.plan.workloads.map((name): FigureRow => ({
    ...{ name, kind: 'workload', unit: 'instructions per operation', better: 'lower' },
    figures: byColumn(
      cells.filter(({ workload }) => workload === name),
      counted,
    ),
  }));
  const machine = (figure: (entry: Boot) => Figure): Figure[] => byColumn(boot, figure);
  return [
    ...workloads,
    {
      ...{ name: 'boot to /init', kind: 'boot', unit: 'instructions', better: 'lower' },
      figures: machine((entry) => counted({ ...entry, spread: null, statistic: null })),
    },
    {
      ...{ name: 'MemTotal', kind: 'memory', unit: 'KiB', better: 'higher' },
      figures: machine(({ memTotalKiB }) => plain(memTotalKiB)),
    },
    {
      ...{ name: 'image', kind: 'size', unit: 'bytes', better: 'lower' },
      figures: machine(({ imageBytes }) => plain(imageBytes)),
    },
  ];
}

const nothing: Figure = {
  ...{ value: null, outcome: 'not run', split: null, change: null, spread: null, statistic: null },
};

function counted(
  entry: Pick<Entry, 'instructions' | 'outcome' | 'baseline' | 'spread' | 'statistic'>,
): Figure {
  const { instructions, outcome, baseline: change, spread, statistic } = entry;
  return {
    value: instructions?.total ?? null,
    outcome,
    split: instructions,
    change,
    spread,
    statistic,
  };
}

function plain({ value, outcome, baseline }: Boot['memTotalKiB']): Figure {
  return { ...nothing, value, outcome, change: baseline };
}

/** MemTotal of dom0 beside that of the whole machine looks like a loss, and is a setting. */
export function memoryNote({ columns, experiment }: ComparisonDocument): string {
  const { memory, dom0Memory } = experiment.plan.machine;
  const dom0 = columns.filter(({ environment }) => environment.endsWith('dom0'));
  if (dom0.length === 0 || dom0.length === columns.length) return '';
  return `MemTotal of dom0 is of the ${dom0Memory} MiB that it is given, elsewhere of ${memory} MiB.`;
}

/** How far the shown columns are from the baseline at most, in percent; -1 where nothing can be compared. */
export function effect({ figures }: FigureRow, shown: readonly number[]): number {
  const changes = shown.map((column) => figures[column]?.change?.percent ?? null);
  return Math.max(-1, ...changes.map((percent) => (percent === null ? -1 : Math.abs(percent))));
}

/** Workload rows in plan order, or the largest effect first; those of the machine stay last. */
export function ordered(
  rows: readonly FigureRow[],
  order: Order,
  shown: readonly number[],
): FigureRow[] {
  const workloads = rows.filter(({ kind }) => kind === 'workload');
  const machine = rows.filter(({ kind }) => kind !== 'workload');
  // Sorting is stable: equal effects stay in plan order.
  if (order === 'effect') workloads.sort((a, b) => effect(b, shown) - effect(a, shown));
  return [...workloads, ...machine];
}

/** `+1.62 %`, and `=` for exactly nothing, which a rounded `+0.00 %` is not. */
export function percentText(percent: number | null): string {
  if (percent === null) return '-';
  if (percent === 0) return '=';
  const [whole = '', fraction = ''] = Math.abs(percent).toFixed(2).split('.');
  return `${percent < 0 ? '-' : '+'}${count(Number(whole))}.${fraction} %`;
}

/** What a cell of the table says: the figure, and beside it the other way to see it. */
export function figureText(figure: Figure, view: View): { main: string; beside: string } {
  const { value, outcome, change, statistic, spread } = figure;
  if (value === null) return { main: outcome ?? 'none', beside: '' };
  const marks = `${spread?.differs ? '!' : ''}${statistic === 'median' ? '~' : ''}`;
  const absolute = `${marks}${count(value)}`;
  if (!change) {
    return view === 'percent' ? { main: '', beside: absolute } : { main: absolute, beside: '' };
  }
  const percent = percentText(change.percent);
  return view === 'percent'
    ? { main: percent, beside: absolute }
    : { main: absolute, beside: percent };
}

/** Characters that the widest text beside these figures has. */
export function besideWidth(figures: readonly Figure[], view: View): number {
  return Math.max(0, ...figures.map((figure) => figureText(figure, view).beside.length));
}

/** `198 to 1,204; 12 of 1,000 disturbed`. */
export function spreadText({ spread }: Figure): string {
  if (!spread) return '';
  const { minimum, maximum, disturbed, iterations } = spread;
  return `${count(minimum)} to ${count(maximum)}; ${count(disturbed)} of ${count(iterations)} disturbed`;
}

/** Whether a change is for the worse, the better or neither. */
export function judgement(
  { better }: Pick<FigureRow, 'better'>,
  { change }: Figure,
): 'worse' | 'better' | 'same' {
  if (!change || change.delta === 0) return 'same';
  return change.delta > 0 === (better === 'lower') ? 'worse' : 'better';
}
