import { count } from '../../shared/figures.js';
import { contributions, domains, stacked, ticks, type Domain, type Piece } from './bars.js';
import { figureOf2009, percentText, type FigureRow, type View } from './figures.js';

/** Geometry of the chart, in pixels; what colours it is the screen's. Pure. */

export interface ChartBar {
  readonly domain: Domain;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly title: string;
  /** What it leads to. */
  readonly row: string;
  readonly column: number;
}

export interface ChartText {
  readonly kind: 'title' | 'workload' | 'column' | 'value' | 'axis' | 'reference' | 'note';
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor: 'start' | 'middle' | 'end';
}

export interface ChartLine {
  readonly kind: 'zero' | 'grid' | 'reference';
  readonly x: number;
  readonly y1: number;
  readonly y2: number;
}

export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly barHeight: number;
  readonly bars: ChartBar[];
  readonly texts: ChartText[];
  readonly lines: ChartLine[];
  /** Squares that explain the colours. */
  readonly keys: { domain: Domain; x: number; y: number }[];
}

export interface ChartInput {
  readonly title: string;
  readonly note: string;
  readonly view: View;
  readonly width: number;
  /** Workloads, in the order in which they are drawn. */
  readonly rows: readonly FigureRow[];
  readonly columns: readonly { column: number; name: string }[];
  readonly baseline: number;
}

const barHeight = 10;
const barPitch = 14;
const groupGap = 10;
const headHeight = 58;
const footHeight = 24;
/** Left edges: of column names (they end there), and of the bars. */
const namesEnd = 270;
const plotLeft = 278;
/** For the value behind the longest bar. */
const valueRoom = 150;
/** For the words below the line of 2009. */
const referenceRoom = 10;

interface DrawnBar {
  column: number;
  name: string;
  pieces: Piece[];
  value: string;
  isMissing: boolean;
}

/** Lays out a bar a workload and column. */
export function chartOf(input: ChartInput): Chart {
  const { rows, view, width } = input;
  const drawn = rows.map((row) => ({ row, bars: barsOf(row, input) }));
  const plotWidth = Math.max(100, width - plotLeft - valueRoom);
  const whole =
    view === 'percent'
      ? rangeOf(
          drawn.flatMap(({ bars }) => bars),
          rows,
        )
      : undefined;
  const parts: Omit<Chart, 'width' | 'height' | 'barHeight' | 'keys'> = {
    bars: [],
    texts: [],
    lines: [],
  };
  let y = headHeight;
  for (const { row, bars } of drawn) {
    // Percent can be compared between workloads, counts of 200 and 200,000 cannot.
    const range = whole ?? rangeOf(bars, []);
    const x = (value: number): number =>
      plotLeft + ((value - range.least) / (range.most - range.least)) * plotWidth;
    const top = y;
    parts.texts.push({ kind: 'workload', x: 8, y: y + 9, text: row.name, anchor: 'start' });
    for (const bar of bars) {
      drawBar(parts, row, bar, y, x);
      y += barPitch;
    }
    if (view === 'percent' && row.name === figureOf2009.workload) {
      drawReference(parts, x(figureOf2009.percent), top, y);
      y += referenceRoom;
    }
    parts.lines.push({ kind: 'zero', x: x(0), y1: top - 2, y2: y - 2 });
    y += groupGap;
  }
  if (whole) {
    const x = (value: number): number =>
      plotLeft + ((value - whole.least) / (whole.most - whole.least)) * plotWidth;
    for (const tick of ticks(whole.least, whole.most)) {
      parts.lines.push({ kind: 'grid', x: x(tick), y1: headHeight - 4, y2: y - groupGap });
      const text = `${tick > 0 ? '+' : ''}${count(Math.round(tick * 100) / 100)} %`;
      parts.texts.push({ kind: 'axis', x: x(tick), y: headHeight - 8, text, anchor: 'middle' });
    }
  }
  const { keys, texts } = legend(input);
  const note = { kind: 'note', x: 8, y: y + 10, text: input.note, anchor: 'start' } as const;
  return {
    ...{ width, height: y + footHeight, barHeight, keys },
    ...parts,
    texts: [...texts, ...parts.texts, note],
  };
}

function barsOf(row: FigureRow, { view, columns, baseline }: ChartInput): DrawnBar[] {
  const base = row.figures[baseline]?.split;
  return columns.flatMap(({ column, name }): DrawnBar[] => {
    const figure = row.figures[column];
    if (view === 'percent' && column === baseline) return [];
    const split = figure?.split;
    if (!split || figure.value === null) {
      return [{ column, name, pieces: [], value: figure?.outcome ?? 'none', isMissing: true }];
    }
    if (view === 'absolute') {
      const value = count(figure.value);
      return [{ column, name, pieces: stacked(split), value, isMissing: false }];
    }
    const pieces = base ? contributions(split, base) : [];
    const value = figure.change ? percentText(figure.change.percent) : 'no baseline';
    return [{ column, name, pieces, value, isMissing: !figure.change }];
  });
}

function rangeOf(
  bars: readonly DrawnBar[],
  rows: readonly FigureRow[],
): { least: number; most: number } {
  const pieces = bars.flatMap((bar) => bar.pieces);
  const hasReference = rows.some(({ name }) => name === figureOf2009.workload);
  const least = Math.min(0, ...pieces.map(({ from }) => from));
  const most = Math.max(0, hasReference ? figureOf2009.percent : 0, ...pieces.map(({ to }) => to));
  return most > least ? { least, most } : { least, most: least + 1 };
}

function drawBar(
  { bars, texts }: Pick<Chart, 'bars' | 'texts'>,
  row: FigureRow,
  { column, name, pieces, value, isMissing }: DrawnBar,
  y: number,
  x: (value: number) => number,
): void {
  texts.push({ kind: 'column', x: namesEnd, y: y + 9, text: name, anchor: 'end' });
  const split = row.figures[column]?.split;
  for (const { domain, from, to } of pieces) {
    const amount = split ? `${count(split[domain])} ${domain} instructions` : domain;
    const title = `${row.name}, ${name}: ${amount} of ${value}`;
    bars.push({ domain, x: x(from), y, width: x(to) - x(from), title, row: row.name, column });
  }
  const end = x(Math.max(0, ...pieces.map(({ to }) => to)));
  const text = isMissing ? `(${value})` : value;
  texts.push({ kind: 'value', x: end + 6, y: y + 9, text, anchor: 'start' });
}

function drawReference(
  { lines, texts }: Pick<Chart, 'lines' | 'texts'>,
  x: number,
  top: number,
  end: number,
): void {
  lines.push({ kind: 'reference', x, y1: top - 7, y2: end + referenceRoom });
  const text = `2009: ${percentText(figureOf2009.percent)}`;
  texts.push({ kind: 'reference', x: x + 4, y: end + referenceRoom - 2, text, anchor: 'start' });
}

function legend({ title, view }: ChartInput): Pick<Chart, 'keys' | 'texts'> {
  const what =
    view === 'percent'
      ? 'change of instructions in percent of the baseline, by the domain it comes from'
      : 'instructions per operation; every workload has a scale of its own';
  const texts: ChartText[] = [
    { kind: 'title', x: 8, y: 16, text: `${title}: ${what}`, anchor: 'start' },
  ];
  const keys = domains.map((domain, i) => ({ domain, x: 8 + i * 90, y: 26 }));
  for (const { domain, x, y } of keys) {
    texts.push({ kind: 'column', x: x + 15, y: y + 9, text: domain, anchor: 'start' });
  }
  return { keys, texts };
}
