import {
  verdicts,
  type Comparison,
  type ComparisonColumns,
  type Section,
} from '../../../engine/contract/app/merge.js';

/**
 * The map of a kernel's address space: sections one below the other, each a
 * block of lines of cells, each cell so many bytes. A cell has the colour of the
 * verdict that most of its bytes have. Pure; MemoryMap.svelte paints it.
 */

/** In a cell: an index into `verdicts`, or one of these. */
export const cellTable = 254;
export const cellEmpty = 255;

export interface MapSection {
  name: string;
  start: number;
  size: number;
  /** Line of the first cell, counted from the top of the map. */
  line: number;
  lines: number;
  /** What most bytes of a cell are; `cellTable` for what no symbol covers. */
  cells: Uint8Array;
}

export interface MemoryMap {
  bytesPerCell: number;
  columns: number;
  lines: number;
  sections: MapSection[];
  /** What is not drawn: without bytes in the file, and too small for a line. */
  unstored: Omitted;
  small: Omitted;
}

/** Sections that the map leaves out. */
export interface Omitted {
  names: string[];
  size: number;
}

/** Lines between two sections. */
const gap = 1;

/**
 * Lays a kernel's sections out so that they fill the lines that there are.
 * @param which whose addresses
 * @param columns cells in a line
 * @param lines that may be used; more are taken when there are more sections
 */
export function memoryMap(
  comparison: Comparison,
  which: 'a' | 'b',
  columns: number,
  lines: number,
): MemoryMap {
  const all = which === 'a' ? comparison.sectionsA : comparison.sectionsB;
  // .bss has no bytes that could be shared; small sections would be a line of one cell each.
  const shown = all.filter(({ stored, size }) => stored && size >= smallest);
  const unstored = all.filter(({ stored }) => !stored);
  const small = all.filter(({ stored, size }) => stored && size > 0 && size < smallest);
  const total = shown.reduce((sum, { size }) => sum + size, 0);
  const room = Math.max(shown.length, lines - shown.length * gap);
  let bytesPerCell = Math.max(16, 16 * Math.ceil(total / (room * columns) / 16));
  while (linesOf(shown, columns, bytesPerCell) > room && bytesPerCell < total) bytesPerCell += 16;
  let line = 0;
  const sections = shown.map(({ name, start, size }): MapSection => {
    const cells = new Uint8Array(Math.ceil(size / bytesPerCell)).fill(cellTable);
    const height = Math.ceil(cells.length / columns);
    const section = { name, start, size, line, lines: height, cells };
    line += height + gap;
    return section;
  });
  const weights = sections.map(({ cells }) => new Float64Array(cells.length));
  for (const rows of [comparison.functions, comparison.objects]) {
    paint(sections, weights, rows, which, bytesPerCell);
  }
  return {
    ...{ bytesPerCell, columns, lines: Math.max(0, line - gap), sections },
    ...{ unstored: omitted(unstored), small: omitted(small) },
  };
}

/** Bytes: what is smaller is not drawn. */
const smallest = 1024;

function omitted(sections: readonly Section[]): Omitted {
  return {
    names: sections.map(({ name }) => name),
    size: sections.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Bytes of what is drawn by verdict, and of what no symbol covers. Together they are the map. */
export interface MapTotals {
  verdicts: number[];
  rest: number;
  all: number;
}

export function mapTotals(
  { functions, objects }: Comparison,
  which: 'a' | 'b',
  sections: readonly MapSection[],
): MapTotals {
  const totals = verdicts.map(() => 0);
  for (const rows of [functions, objects]) {
    const address = which === 'a' ? rows.addressA : rows.addressB;
    const sizes = which === 'a' ? rows.sizeA : rows.sizeB;
    for (let row = 0; row < rows.length; row++) {
      if (sectionAt(sections, address[row]!) >= 0) totals[rows.verdict[row]!]! += sizes[row]!;
    }
  }
  const all = sections.reduce((sum, { size }) => sum + size, 0);
  const known = totals.reduce((sum, one) => sum + one, 0);
  return { verdicts: totals, rest: all - known, all };
}

/** Where a cell is that an arrow key leads to, over the gaps between sections; the same at an edge. */
export function cellBeside(
  map: MemoryMap,
  [column, line]: readonly [number, number],
  key: string,
): readonly [number, number] {
  const steps: Record<string, readonly [number, number]> = {
    ...{ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },
  };
  const [right, down] = steps[key] ?? [0, 0];
  if (right === 0 && down === 0) return [column, line];
  for (let [x, y] = [column + right, line + down]; ; x += right, y += down) {
    if (x < 0 || x >= map.columns || y < 0 || y >= map.lines) return [column, line];
    if (addressAt(map, x, y) !== undefined) return [x, y];
  }
}

function linesOf(sections: readonly Section[], columns: number, bytesPerCell: number): number {
  return sections.reduce((sum, { size }) => sum + Math.ceil(size / bytesPerCell / columns), 0);
}

/**
 * A row larger than a cell owns those it covers; of smaller ones the largest share wins. Exact
 * sums of five verdicts a cell would say the same for all but a few cells.
 */
function paint(
  sections: readonly MapSection[],
  weights: readonly Float64Array[],
  rows: ComparisonColumns,
  which: 'a' | 'b',
  bytesPerCell: number,
): void {
  const address = which === 'a' ? rows.addressA : rows.addressB;
  const sizes = which === 'a' ? rows.sizeA : rows.sizeB;
  for (let row = 0; row < rows.length; row++) {
    const start = address[row]!;
    if (Number.isNaN(start)) continue;
    const at = sectionAt(sections, start);
    if (at < 0) continue;
    const { cells, start: origin } = sections[at]!;
    const [from, end] = [start - origin, start - origin + sizes[row]!];
    for (let cell = Math.floor(from / bytesPerCell); cell * bytesPerCell < end; cell++) {
      if (cell >= cells.length) break;
      const share = Math.min(end, (cell + 1) * bytesPerCell) - Math.max(from, cell * bytesPerCell);
      if (share <= weights[at]![cell]!) continue;
      weights[at]![cell] = share;
      cells[cell] = rows.verdict[row]!;
    }
  }
}

function sectionAt(sections: readonly MapSection[], address: number): number {
  return sections.findIndex(({ start, size }) => address >= start && address < start + size);
}

/** What is at a cell of the map: the address, or undefined where nothing is. */
export function addressAt(map: MemoryMap, column: number, line: number): number | undefined {
  const section = map.sections.find((one) => line >= one.line && line < one.line + one.lines);
  if (!section || column < 0 || column >= map.columns) return undefined;
  const cell = (line - section.line) * map.columns + column;
  return cell < section.cells.length ? section.start + cell * map.bytesPerCell : undefined;
}

/** Rows by address, for finding the one at a place of the map. */
export interface RowsByAddress {
  rows: Uint32Array;
  address: Float64Array;
  size: Float64Array;
}

export function byAddress(rows: ComparisonColumns, which: 'a' | 'b'): RowsByAddress {
  const address = which === 'a' ? rows.addressA : rows.addressB;
  const size = which === 'a' ? rows.sizeA : rows.sizeB;
  const present = Uint32Array.from({ length: rows.length }, (_, row) => row).filter(
    (row) => !Number.isNaN(address[row]!),
  );
  return { rows: present.sort((one, two) => address[one]! - address[two]!), address, size };
}

/** The first row that reaches into [from, end), or undefined. */
export function rowBetween(
  { rows, address, size }: RowsByAddress,
  from: number,
  end: number,
): number | undefined {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle]!;
    if (address[row]! + size[row]! > from) high = middle;
    else low = middle + 1;
  }
  const row = rows[low];
  return row !== undefined && address[row]! < end ? row : undefined;
}
