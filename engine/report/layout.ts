import stringWidth from 'string-width';

/**
 * Lays out a table of figures: a stub of names on the left, then groups of one
 * or two right-aligned columns (a figure and its percentage). Groups that do
 * not fit the width go to further blocks below, each with the stub and the
 * pinned group again, so that no block is read without its baseline.
 */

export interface Piece {
  text: string;
  /** Adds colour; must not change the width. */
  paint?: ((text: string) => string) | undefined;
}

/** A figure with or without its percentage, or a word across both. */
export type GroupCell = { figure: Piece; aside?: Piece | undefined } | { across: Piece };

export interface Group {
  /** Title lines, right-aligned over the group. */
  head: string[];
  cells: GroupCell[];
}

export interface Table {
  /** Title lines of the stub, the last beside the groups' last. */
  stubHead: string;
  stub: string[];
  groups: Group[];
  /** Index of the group to repeat in every block. */
  pinned?: number | undefined;
}

const gap = 2;

/** The table as lines without trailing blanks; blocks are separated by an empty line. */
export function layout(table: Table, width: number, bold: (text: string) => string): string[] {
  const stubWidth = Math.max(...[table.stubHead, ...table.stub].map((text) => stringWidth(text)));
  const measured = table.groups.map(measure);
  const blocks = blocksOf(table, measured, width - stubWidth);
  return blocks.flatMap((members, index) => {
    const lines = block(
      table,
      members.map((member) => measured[member]).filter((group) => group !== undefined),
      stubWidth,
      bold,
    );
    return index === 0 ? lines : ['', ...lines];
  });
}

interface Measured {
  group: Group;
  figure: number;
  aside: number;
  width: number;
}

function measure(group: Group): Measured {
  let figure = 0;
  let aside = 0;
  let across = 0;
  for (const cell of group.cells) {
    if ('across' in cell) {
      across = Math.max(across, stringWidth(cell.across.text));
    } else {
      figure = Math.max(figure, stringWidth(cell.figure.text));
      aside = Math.max(aside, stringWidth(cell.aside?.text ?? ''));
    }
  }
  const inner = figure + (aside === 0 ? 0 : aside + 1);
  const head = Math.max(0, ...group.head.map((line) => stringWidth(line)));
  return { group, figure, aside, width: Math.max(inner, across, head) };
}

/**
 * Which groups each block shows: all in their order where they fit, else the
 * pinned group and as many others as fit, at least one.
 */
function blocksOf(table: Table, measured: readonly Measured[], room: number): number[][] {
  const all = measured.map((_, index) => index);
  const widthOf = (members: readonly number[]): number =>
    members.reduce((sum, member) => sum + gap + (measured[member]?.width ?? 0), 0);
  if (widthOf(all) <= room) return [all];
  const pinned = table.pinned === undefined ? [] : [table.pinned];
  const blocks: number[][] = [];
  for (const member of all.filter((index) => index !== table.pinned)) {
    const last = blocks.at(-1);
    if (last !== undefined && widthOf([...last, member]) <= room) last.push(member);
    else blocks.push([...pinned, member]);
  }
  return blocks.length === 0 ? [all] : blocks;
}

function block(
  table: Table,
  groups: readonly Measured[],
  stubWidth: number,
  bold: (text: string) => string,
): string[] {
  const headHeight = Math.max(...groups.map(({ group }) => group.head.length));
  const heads = Array.from({ length: headHeight }, (_, line) => {
    const stub = line === headHeight - 1 ? table.stubHead : '';
    const titles = groups.map(({ group, width }) =>
      right(group.head[line - headHeight + group.head.length] ?? '', width),
    );
    return bold([left(stub, stubWidth), ...titles].join(' '.repeat(gap)).trimEnd());
  });
  const rows = table.stub.map((name, row) => {
    const cells = groups.map((group) => groupCell(group, group.group.cells[row]));
    return [left(name, stubWidth), ...cells].join(' '.repeat(gap)).trimEnd();
  });
  return [...heads, ...rows];
}

function groupCell({ figure, aside, width }: Measured, cell: GroupCell | undefined): string {
  if (cell === undefined) return ' '.repeat(width);
  if ('across' in cell) return painted(cell.across, width);
  const asideWidth = aside === 0 ? 0 : aside + 1;
  const figurePart = painted(cell.figure, Math.max(figure, width - asideWidth));
  return aside === 0 ? figurePart : `${figurePart} ${painted(cell.aside ?? { text: '' }, aside)}`;
}

function painted({ text, paint }: Piece, width: number): string {
  const blanks = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return blanks + (paint === undefined || text === '' ? text : paint(text));
}

function left(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

function right(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - stringWidth(text))) + text;
}
