import pc from 'picocolors';
import { domains } from '../measure/types.js';
import type { Domain } from '../measure/types.js';
import { changeFrom } from './comparison.js';
import { grouped, signedPercent, tidy, truncated, wrapped } from './figures.js';
import { layout } from './layout.js';
import type { Group, GroupCell, Piece } from './layout.js';
import type { Cell, Change, Column, Comparison, Row } from './types.js';
import {
  absence,
  bootParts,
  columnName,
  flagLines,
  legend,
  memoryLines,
  provenance,
  rowsOf,
  unitNote,
} from './words.js';

/**
 * Tables for a terminal and for mails. Figures are right-aligned, the
 * percentage stands beside the figure it belongs to (as in `perf diff`), and
 * every line can be pasted into a patch mail: plain ASCII figures, no rules
 * that a mailer could take for a separator.
 */

export interface TextOptions {
  /** Terminal columns to stay within. */
  width: number;
  colour: boolean;
  /** Adds user, kernel and hypervisor lines under each workload, and the parts of the boot. */
  split: boolean;
  /** Adds the kernels' own `Memory:` lines. */
  memory: boolean;
}

/** Widest label and widest word in a cell; longer ones are cut, and listed below in full. */
const widestLabel = 20;

/** The table for a terminal: as wide as it is, in colour when it is one. */
export function terminalTable(
  comparison: Comparison,
  stream: { isTTY?: boolean | undefined; columns?: number | undefined },
  options: { split?: boolean | undefined; memory?: boolean | undefined } = {},
): string {
  return textTable(comparison, {
    width: Math.max(40, stream.columns ?? 100),
    colour: stream.isTTY === true && pc.isColorSupported,
    split: options.split ?? false,
    memory: options.memory ?? false,
  });
}

/** The table for a mail: at most 100 columns where the labels allow it, no escape codes. */
export function mailTable(comparison: Comparison, options: { split?: boolean } = {}): string {
  return textTable(comparison, {
    width: 100,
    colour: false,
    split: options.split ?? false,
    memory: true,
  });
}

/** The comparison as text that ends in a newline. */
export function textTable(comparison: Comparison, options: TextOptions): string {
  const colours = pc.createColors(options.colour);
  const baseline = columnName(comparison.columns[comparison.baseline]);
  const note = (text: string): string[] => wrapped(text, options.width, '  ');
  const lines = [
    ...note(
      `${truncated(tidy(comparison.experiment.name), 60)}: instructions per operation; percent against ${baseline}`,
    ).map(colours.bold),
    '',
    ...workloadTable(comparison, options),
    '',
    ...bootTable(comparison, options),
    '',
    ...note(unitNote),
    ...note(legend(comparison)),
    ...note(provenance(comparison)).map(colours.dim),
    ...section('', cutLabels(comparison), options.width),
    ...section('Read with care:', flagLines(comparison), options.width).map(colours.yellow),
    ...(options.memory ? memorySection(comparison, options.width) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function workloadTable(comparison: Comparison, options: TextOptions): string[] {
  const lines = rowsOf(comparison, 'workload').flatMap((row) =>
    options.split ? [row, ...domainsOf(row, comparison.baseline)] : [row],
  );
  const groups = comparison.columns.map((column): Group => ({
    head: columnHead(column),
    cells: lines.map((row) => cell(row, column.index, options)),
  }));
  const stub = lines.map((row) => truncated(tidy(row.name), widestLabel));
  const table = { stubHead: 'workload', stub, groups, pinned: comparison.baseline };
  return layout(table, options.width, pc.createColors(options.colour).bold);
}

/** Boot and memory have long figures, so here the columns of the comparison are the lines. */
function bootTable(comparison: Comparison, options: TextOptions): string[] {
  const { columns } = comparison;
  const group = (row: Row, head: string[]): Group => ({
    head,
    cells: columns.map((column) => cell(row, column.index, options)),
  });
  const groups = [
    ...rowsOf(comparison, 'boot').flatMap((row) => [
      group(row, ['reset to /init', 'instructions']),
      ...(options.split
        ? domainsOf(row, comparison.baseline).map((part) => group(part, partHead(part.name)))
        : []),
    ]),
    ...rowsOf(comparison, 'memory').map((row) => group(row, ['MemTotal', 'KiB'])),
    ...rowsOf(comparison, 'size').map((row) => group(row, ['image size', 'bytes'])),
  ];
  const stub = columns.map((column) => `${shortLabel(column)}/${column.environment}`);
  const table = { stubHead: 'boot and memory', stub, groups };
  return layout(table, options.width, pc.createColors(options.colour).bold);
}

function partHead(name: string): string[] {
  const title = Object.entries(bootParts).find(([domain]) => name.trim() === domain)?.[1] ?? name;
  return title === bootParts.user ? ['firmware and', 'boot code'] : [title];
}

function columnHead(column: Column): string[] {
  return [shortLabel(column), column.environment];
}

function shortLabel(column: Column): string {
  return truncated(tidy(column.label), widestLabel);
}

/** A row for each privilege domain that has anything in it, each compared with its own baseline. */
function domainsOf(row: Row, baseline: number): Row[] {
  const base = row.cells[baseline];
  const parts = domains.map((domain): Row => {
    const cells = row.cells.map((whole) => part(whole, base, domain));
    return { ...row, name: `  ${domain}`, cells };
  });
  return parts.filter(({ cells }) =>
    cells.some((each) => each.state === 'measured' && each.value > 0),
  );
}

function part(whole: Cell, base: Cell | undefined, domain: Domain): Cell {
  if (whole.state !== 'measured' || whole.split === undefined) return whole;
  const value = whole.split[domain];
  const split = base?.state === 'measured' ? base.split : undefined;
  const compared = whole.change !== undefined && split !== undefined;
  const change = compared ? changeFrom(value, split[domain]) : undefined;
  return { ...whole, value, change, spread: undefined, spreadDiffers: false };
}

function cell(row: Row, index: number, options: TextOptions): GroupCell {
  const found = row.cells[index];
  const colours = pc.createColors(options.colour);
  if (found === undefined) return { across: { text: '' } };
  if (found.state !== 'measured') {
    const loud = found.state === 'disagrees' || found.state === 'failed';
    return {
      across: {
        text: truncated(
          tidy(`${found.state === 'disagrees' ? '!' : ''}${absence(found)}`),
          widestLabel,
        ),
        paint: loud ? colours.red : colours.yellow,
      },
    };
  }
  const marks = `${found.spreadDiffers ? '!' : ''}${found.spread?.statistic === 'median' ? '~' : ''}`;
  const figure = { text: `${marks}${grouped(found.value)}` };
  return { figure, aside: aside(found.change, row, colours) };
}

function aside(
  change: Change | undefined,
  row: Row,
  colours: ReturnType<typeof pc.createColors>,
): Piece | undefined {
  if (change === undefined) return undefined;
  const text = change.delta === 0 ? '=' : signedPercent(change.percent);
  if (change.delta === 0 || change.percent === undefined) return { text, paint: colours.dim };
  const worse = row.better === 'lower' ? change.delta > 0 : change.delta < 0;
  return { text, paint: worse ? colours.red : colours.green };
}

function cutLabels(comparison: Comparison): string[] {
  const cut = comparison.columns.filter((column) => shortLabel(column) !== tidy(column.label));
  // An image has a column for every environment.
  return [
    ...new Set(
      cut.map((column) => `${shortLabel(column)} is ${truncated(tidy(column.label), 300)}`),
    ),
  ];
}

function memorySection(comparison: Comparison, width: number): string[] {
  const lines = memoryLines(comparison).map(
    ({ line, columns }) => `${columns.join(', ')}: ${line}`,
  );
  return section("After boot, in each kernel's own words:", lines, width);
}

function section(title: string, lines: readonly string[], width: number): string[] {
  if (lines.length === 0) return [];
  const heading = title === '' ? [] : [title];
  return ['', ...heading, ...lines.flatMap((line) => wrapped(line, width, '  '))];
}
