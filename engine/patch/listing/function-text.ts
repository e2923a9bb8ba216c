import { addressText, type SignedAddress } from '../../kernel/address.js';
import { tidy, truncated } from '../../report/figures.js';
import { narrow } from './column-widths.js';
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

/**
 * One row an instruction: what the file has, what alternatives put there instead, and what is there
 * after boot. Alternatives have a heading with their features, `!` for NOT; other sites are named
 * beside their first instruction. Columns are as wide as what they hold; the widest give way where
 * the width has no room for all. Without a final newline.
 */
export function functionText(view: FunctionView, options: FunctionTextOptions): string {
  const { target, bold, width = 140 } = options;
  const lines = view.blocks.flatMap((block) => blockLines(block, view.address, target !== null));
  const widths: number[] = [];
  for (const { cells } of lines) {
    // An instruction that stays has no other cells, and all the room.
    if (cells.length < 2) continue;
    cells.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  }
  const between = separator.length * (widths.length - 1);
  narrow(widths, width - atWidth - 2 - between);
  const title = `${view.name}: ${addressText(view.address)}, ${view.size} bytes`;
  const when = target === null ? [] : [`after boot: ${target}`];
  return [
    bold(tidy(title)),
    ...when.map(tidy),
    ...lines.map(({ at, cells }) => {
      const texts =
        cells.length < 2
          ? cells
          : widths.map((one, i) => truncated(cells[i] ?? '', one).padEnd(one));
      return `${at.padStart(atWidth)}  ${texts.join(separator)}`.trimEnd();
    }),
  ].join('\n');
}

const separator = ' | ';

/** Of the offset in front of a line. */
const atWidth = 5;

/** Original, variants, after boot; the original alone where nothing is rewritten. */
interface Line {
  at: string;
  cells: string[];
}

function variantsOf({ sites }: Block): BlockSite[] {
  return sites.filter(({ replacement }) => replacement !== null);
}

function blockLines(block: Block, start: SignedAddress, hasAfter: boolean): Line[] {
  const { original, sites } = block;
  const offset = (line: CodeLine | undefined): string =>
    line ? (line.address - start).toString(16) : '';
  if (sites.length === 0) {
    return original.map((line) => ({ at: offset(line), cells: [flat(line.text)] }));
  }
  const variants = variantsOf(block);
  const notes = sites
    .filter(({ replacement }) => replacement === null)
    .map(({ family, subject }) => tidy(`${family} ${subject}`.trim()));
  const after = afterCells(block);
  const columns = variants.length > 0 ? variants.map(variantCells) : [notes];
  const count = Math.max(original.length, after.length, ...columns.map(({ length }) => length));
  const rows = Array.from({ length: count }, (_, i): Line => ({
    at: offset(original[i]),
    cells: [
      flat(original[i]?.text ?? ''),
      ...columns.map((cells) => cells[i] ?? ''),
      ...(hasAfter ? [after[i] ?? ''] : []),
    ],
  }));
  // What else is rewritten within an alternative is told beside its heading.
  const heading = variants.length > 0 ? [headingLine(variants, notes, hasAfter)] : [];
  return [...heading, ...rows];
}

function headingLine(
  variants: readonly BlockSite[],
  notes: readonly string[],
  hasAfter: boolean,
): Line {
  const what = `<${['alternative', ...notes].join(', ')}>`;
  const titles = variants.map(({ subject }) => tidy(subject));
  return { at: '', cells: [what, ...titles, ...(hasAfter ? ['after boot'] : [])] };
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
  return joined(lines).split('; ').map(tidy);
}

function flat(text: string): string {
  return tidy(text.replace(/ {2,}/g, ' '));
}
