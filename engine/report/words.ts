import type { Cell, Column, Comparison, DisagreeingCell, Row } from './types.js';
import { grouped, tidy, truncated } from './figures.js';

/** Sentences and words that every report for people shares. */

/** What the figures are and are not. Stands under every table and chart. */
export const unitNote =
  'Guest instructions executed, not time: caches, TLBs and what a hypercall costs on hardware ' +
  'are not in these figures.';

/** What the parts of boot instructions are called: `user` before /init is not user space. */
export const bootParts = {
  user: 'firmware and boot code',
  kernel: 'kernel',
  hypervisor: 'hypervisor',
} as const;

export const wallNote = 'emulated, not comparable with hardware';

/** `native/bare`, safe to print. */
export function columnName(column: Column | undefined): string {
  return tidy(column?.name ?? '');
}

/** `203 or 205`: what runs that should agree said. */
export function disagreement(cell: DisagreeingCell): string {
  const values = new Set(
    cell.values.map(({ value }) => (value === null ? 'nothing' : grouped(value))),
  );
  return values.size === 1 ? 'splits differ' : [...values].join(' or ');
}

/** The word for a cell without a figure. */
export function absence(cell: Exclude<Cell, { state: 'measured' }>): string {
  return cell.state === 'disagrees' ? disagreement(cell) : cell.outcome;
}

/** `native/bare: run 3 counts differently from ...`, one line each. */
export function flagLines(comparison: Comparison): string[] {
  return comparison.flags.map(
    (flag) =>
      `${columnName(comparison.columns[flag.column])}: ${truncated(tidy(flag.message), 400)}`,
  );
}

/** Explains only the signs that the table uses. */
export function legend(comparison: Comparison): string {
  const cells = comparison.rows.flatMap((row) => row.cells);
  const figures = cells.filter((each) => each.state === 'measured');
  const median = figures.some((each) => each.spread?.statistic === 'median');
  const odd =
    figures.some((each) => each.spreadDiffers) || cells.some((each) => each.state === 'disagrees');
  const nothing = figures.some((each) => each.change?.delta && each.change.percent === undefined);
  return [
    'A figure is the mode over every iteration',
    median ? ' (~ the median, where no value repeats)' : '',
    '; = exactly as many as the baseline',
    nothing ? '; - nothing there to compare with' : '',
    odd ? '; ! runs of the same plan disagree' : '',
    '.',
    dom0Memory(comparison),
  ].join('');
}

/** MemTotal under Xen beside that of the whole machine looks like a loss, and is a setting. */
function dom0Memory({ columns, experiment: { plan } }: Comparison): string {
  const { memory, dom0Memory: given } = plan.machine;
  const dom0 = columns.filter(({ environment }) => environment.endsWith('dom0'));
  if (dom0.length === 0 || dom0.length === columns.length) return '';
  return ` MemTotal of dom0 is of the ${given} MiB that it is given, elsewhere of ${memory} MiB.`;
}

/** Rows of one kind. */
export function rowsOf(comparison: Comparison, kind: Row['kind']): Row[] {
  return comparison.rows.filter((row) => row.kind === kind);
}

/** Columns grouped by their kernel's `Memory:` line, in column order. */
export function memoryLines(comparison: Comparison): { line: string; columns: string[] }[] {
  const byLine = new Map<string, string[]>();
  for (const column of comparison.columns) {
    if (column.memoryLine === null) continue;
    const line = tidy(column.memoryLine);
    byLine.set(line, [...(byLine.get(line) ?? []), columnName(column)]);
  }
  return [...byLine].map(([line, columns]) => ({ line, columns }));
}

/** `QEMU emulator version 7.2.22; Xen 4.17.5; -cpu qemu64; ...`: what counted, in a line. */
export function provenance(comparison: Comparison): string {
  const { plan, planHash } = comparison.experiment;
  const runs = comparison.columns.flatMap((column) => column.runs);
  const distinct = (values: (string | null)[]): string[] =>
    [...new Set(values.filter((value) => value !== null && value !== ''))] as string[];
  const facts = [
    `plan ${planHash.slice(0, 12)}`,
    boots(comparison),
    ...distinct(runs.map((run) => run.versions.emulator)),
    ...distinct(runs.map((run) => run.versions.xen)).map((version) =>
      /^xen/i.test(version) ? version : `Xen ${version}`,
    ),
    `CPU ${plan.machine.cpu}`,
    `${plan.machine.memory} MiB (dom0 ${plan.machine.dom0Memory} MiB)`,
  ];
  return facts.map(tidy).join('; ');
}

/** `3 boots a column, equal in every iteration`, where they are: flags tell what is not. */
function boots({ columns, flags, experiment: { plan } }: Comparison): string {
  const { repeat } = plan;
  if (repeat === 1) return '1 boot a column';
  // Iterations are compared among runs of the same inputs only.
  const alike = columns.every(({ runs }) => {
    const done = runs.filter(({ state }) => state === 'done');
    return done.length >= repeat && new Set(done.map(({ inputHash }) => inputHash)).size === 1;
  });
  return `${repeat} boots a column${alike && flags.length === 0 ? ', equal in every iteration' : ''}`;
}

/** A word that a shell reads back as it was. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
