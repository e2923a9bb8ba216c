import { grouped, signedPercent, tidy } from './figures.js';
import type { Cell, Comparison, Row } from './types.js';
import {
  absence,
  bootParts,
  columnName,
  flagLines,
  legend,
  memoryLines,
  provenance,
  rowsOf,
  shellWord,
  unitNote,
  wallNote,
} from './words.js';

/** The comparison as GitHub-flavoured Markdown: tables, notes, and how it was run. */
export function toMarkdown(comparison: Comparison): string {
  const baseline = columnName(comparison.columns[comparison.baseline]);
  const flags = flagLines(comparison);
  const parts = [
    `# ${escaped(comparison.experiment.name)}`,
    `Instructions per operation; percent against ${escaped(baseline)}.`,
    table(
      ['workload', ...comparison.columns.map(columnName)],
      rowsOf(comparison, 'workload').map((row) => [row.name, ...row.cells.map(figure)]),
    ),
    `${unitNote} ${escaped(legend(comparison))}`,
    ...(flags.length === 0 ? [] : ['## Read with care', list(flags.map(escaped))]),
    '## Split by privilege domain',
    table(
      ['user + kernel + hypervisor', ...comparison.columns.map(columnName)],
      rowsOf(comparison, 'workload').map((row) => [row.name, ...row.cells.map(split)]),
    ),
    '## Boot and memory',
    bootTable(comparison),
    list(
      memoryLines(comparison).map(
        ({ line, columns }) => `${columns.map(escaped).join(', ')}: ${code(line)}`,
      ),
    ),
    '## How it was run',
    escaped(provenance(comparison)),
    runTable(comparison),
    ...commands(comparison),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function figure(cell: Cell): string {
  if (cell.state !== 'measured') return `**${absence(cell)}**`;
  const marks = `${cell.spreadDiffers ? '!' : ''}${cell.spread?.statistic === 'median' ? '~' : ''}`;
  const value = `${marks}${grouped(cell.value)}`;
  if (cell.change === undefined) return value;
  return `${value} (${cell.change.delta === 0 ? '=' : signedPercent(cell.change.percent)})`;
}

function split(cell: Cell): string {
  if (cell.state !== 'measured') return `**${absence(cell)}**`;
  if (cell.split === undefined) return '';
  const { user, kernel, hypervisor } = cell.split;
  return [user, kernel, hypervisor].map(grouped).join(' + ');
}

function bootTable(comparison: Comparison): string {
  const rows = (kind: Row['kind'], index: number): string[] =>
    rowsOf(comparison, kind).map((row) => {
      const cell = row.cells[index];
      return cell === undefined ? '' : figure(cell);
    });
  const heads = [
    'column',
    'reset to /init (instructions)',
    `of these: ${Object.values(bootParts).join(' + ')}`,
    'MemTotal (KiB)',
    'image (bytes)',
  ];
  return table(
    heads,
    comparison.columns.map((column) => {
      const boot = rowsOf(comparison, 'boot')[0]?.cells[column.index];
      return [
        columnName(column),
        ...rows('boot', column.index),
        boot === undefined ? '' : split(boot),
        ...rows('memory', column.index),
        ...rows('size', column.index),
      ];
    }),
  );
}

function runTable(comparison: Comparison): string {
  const heads = ['column', 'run', 'outcome', `wall time (s, ${wallNote})`];
  const rows = comparison.columns.flatMap((column) =>
    column.runs.map((run) => [
      columnName(column),
      String(run.id),
      run.outcome ?? run.state,
      run.wall === null ? '' : (run.wall / 1000).toFixed(1),
    ]),
  );
  return table(heads, rows);
}

/** The exact command of the first run of every column, to be pasted into a shell. */
function commands(comparison: Comparison): string[] {
  return comparison.columns.flatMap((column) => {
    const run = column.runs[0];
    if (run === undefined) return [];
    const command = [run.program, ...run.argv].map(shellWord).join(' ');
    return [`${escaped(columnName(column))}, image \`${column.sha256}\`:`, fenced(tidy(command))];
  });
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [
    line(head.map(escaped)),
    line(rule),
    ...rows.map(([name = '', ...figures]) => line([escaped(name), ...figures.map(cellText)])),
  ].join('\n');
}

/** Our own figures may be emphasised; what comes from records must not break the table. */
function cellText(text: string): string {
  const strong = /^\*\*(.*)\*\*$/su.exec(text);
  return strong === null ? escaped(text) : `**${escaped(strong[1] ?? '')}**`;
}

/** Text with nothing left that Markdown or HTML would act on. */
function escaped(text: string): string {
  return tidy(text)
    .replace(/[\\`*[\]|~#!]|(?<!\w)_|_(?!\w)/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;');
}

/** A code span whose fence is longer than any run of backticks inside. */
function code(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  return fence === '`' ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}

function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}sh\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

function list(items: string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
