import { addressText, type SignedAddress } from '../../kernel/address.js';
import { tidy, truncated } from '../../report/figures.js';
import { joined } from './site-row.js';
import type { Block, BlockSite, FunctionView } from './function-view.js';
import type { CodeLine } from './code-text.js';

export interface FunctionTextOptions {
  /** Columns to stay within; 140 when absent. */
  width?: number | undefined;
  /** `bare, max`; null when nothing is known of a target. */
  target: string | null;
  bold: (text: string) => string;
}

/** The widest that a column gets. */
const widest = 48;

/**
 * One row an instruction: what the file has, what alternatives put there instead, and what is there
 * after boot. Alternatives have a heading with their features, `!` for NOT; other sites are named
 * beside their first instruction. Without a final newline.
 */
export function functionText(view: FunctionView, options: FunctionTextOptions): string {
  const { target, bold, width = 140 } = options;
  const variants = Math.max(1, ...view.blocks.map((block) => variantsOf(block).length));
  const columns = 1 + variants + (target === null ? 0 : 1);
  const column = Math.max(20, Math.min(widest, Math.floor((width - 6) / columns) - 3));
  const grid: Grid = { start: view.address, column, variants, hasAfter: target !== null };
  const title = `${view.name}: ${addressText(view.address)}, ${view.size} bytes`;
  const when = target === null ? [] : [`after boot: ${target}`];
  return [
    bold(tidy(title)),
    ...when.map(tidy),
    ...view.blocks.flatMap((block) => blockLines(block, grid)),
  ].join('\n');
}

interface Grid {
  /** Of the function. */
  start: SignedAddress;
  /** Width of each column. */
  column: number;
  variants: number;
  hasAfter: boolean;
}

function variantsOf({ sites }: Block): BlockSite[] {
  return sites.filter(({ replacement }) => replacement !== null);
}

function blockLines(block: Block, grid: Grid): string[] {
  const { original, sites } = block;
  if (sites.length === 0) {
    return original.map((line) => `${offset(line, grid)}  ${tidy(flat(line.text))}`);
  }
  const variants = variantsOf(block);
  const others = sites.filter(({ replacement }) => replacement === null);
  const notes = others.map(({ family, subject }) => `${family} ${subject}`.trim());
  const after = afterCells(block);
  const columns = variants.length > 0 ? variants.map(variantCells) : [notes];
  // What else is rewritten within an alternative is told beside its heading.
  const heading = variants.length > 0 ? [headingLine(variants, notes, grid)] : [];
  const count = Math.max(original.length, after.length, ...columns.map(({ length }) => length));
  const rows = Array.from({ length: count }, (_, i) =>
    row(
      original[i] ? offset(original[i], grid) : '',
      [flat(original[i]?.text ?? ''), ...columns.map((cells) => cells[i] ?? '')],
      after[i] ?? '',
      grid,
    ),
  );
  return [...heading, ...rows];
}

function headingLine(variants: readonly BlockSite[], notes: readonly string[], grid: Grid): string {
  const what = ['alternative', ...notes].join(', ');
  const titles = variants.map(({ subject }) => subject);
  return row('', [`<${what}>`, ...titles], grid.hasAfter ? 'after boot' : '', grid);
}

function variantCells({ replacement }: BlockSite): string[] {
  const lines = replacement ?? [];
  return lines.length === 0 ? ['(nothing: NOPs)'] : collapsed(lines);
}

function afterCells({ after, changes }: Block): string[] {
  if (!after) return [];
  return changes ? collapsed(after) : ['='];
}

/** Runs of one filling instruction on one line. */
function collapsed(lines: readonly CodeLine[]): string[] {
  return joined(lines).split('; ');
}

function offset({ address }: CodeLine, { start }: Grid): string {
  return (address - start).toString(16).padStart(5);
}

function flat(text: string): string {
  return text.replace(/ {2,}/g, ' ');
}

function row(
  at: string,
  [original = '', ...variants]: readonly string[],
  after: string,
  { column, variants: count, hasAfter }: Grid,
): string {
  const cell = (text: string): string => {
    const short = truncated(tidy(text), column);
    return short.padEnd(column);
  };
  const middle = Array.from({ length: count }, (_, i) => cell(variants[i] ?? ''));
  const cells = [cell(original), ...middle, ...(hasAfter ? [cell(after)] : [])];
  return `${at.padStart(5)}  ${cells.join(' | ')}`.trimEnd();
}
