import { count } from '../../shared/figures.js';
import { domains, ticks, type Domain } from './bars.js';
import { figureOf2009, percentText } from './figures.js';
import { panelsOf, type Bar, type Panel, type PanelInput } from './panels.js';

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
  readonly kind: 'title' | 'heading' | 'column' | 'value' | 'axis' | 'reference' | 'note';
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

export interface ChartInput extends PanelInput {
  readonly title: string;
  readonly note: string;
  readonly width: number;
}

type Drawn = Pick<Chart, 'bars' | 'texts' | 'lines'>;

const barHeight = 10;
const barPitch = 13;
const margin = 8;
/** Title, and what the colours mean. */
const headHeight = 60;
const footHeight = 26;
const panelGap = 28;
const headingHeight = 18;
const axisHeight = 16;
const groupGap = 9;
/** For the words below the line of 2009. */
const referenceRoom = 11;
/** Narrower than this, panels stand below each other. */
const leastPanel = 420;
/** Of a character; fonts of other systems are narrower. */
const characterWidth = 6.9;

/** Panels beside each other where there is room, each with a scale of its own. */
export function chartOf(input: ChartInput): Chart {
  const panels = panelsOf(input);
  const room = input.width - 2 * margin;
  const fitting = Math.floor((room + panelGap) / (leastPanel + panelGap));
  const across = Math.max(1, Math.min(fitting, 2, panels.length));
  const width = (room - (across - 1) * panelGap) / across;
  const labels = labelWidth(panels, width);
  const drawn: Drawn = { bars: [], texts: [], lines: [] };
  let y = headHeight;
  for (let first = 0; first < panels.length; first += across) {
    const beside = panels.slice(first, first + across);
    const ends = beside.map((panel, i) =>
      drawPanel(drawn, panel, { x: margin + i * (width + panelGap), y, width, labels }),
    );
    y = Math.max(...ends) + groupGap;
  }
  const { keys, texts } = head(input);
  const note = { kind: 'note', x: margin, y: y + 12, text: input.note, anchor: 'start' } as const;
  return {
    ...{ width: input.width, height: y + footHeight, barHeight, keys },
    ...{ bars: drawn.bars, lines: drawn.lines, texts: [...texts, ...drawn.texts, note] },
  };
}

/** The chart as pages of a height, none cut through a workload: as few as do, with the same scales. */
export function chartPages(input: ChartInput, height: number): Chart[] {
  const { rows } = input;
  for (let pages = 1; ; pages++) {
    const each = Math.ceil(rows.length / pages);
    const charts = Array.from({ length: Math.ceil(rows.length / each) }, (_, page) =>
      chartOf({ ...input, rows: rows.slice(page * each, (page + 1) * each), scaled: rows }),
    );
    if (each <= 1 || charts.every((chart) => chart.height <= height)) return charts;
  }
}

/** Room for the names of the bars: what the longest needs, but never most of a panel. */
function labelWidth(panels: readonly Panel[], width: number): number {
  const names = panels.flatMap(({ groups }) => groups.flatMap(({ bars }) => bars));
  const longest = Math.max(0, ...names.map(({ name }) => name.length));
  return Math.min(longest * characterWidth + 8, width * 0.4);
}

interface Frame {
  x: number;
  y: number;
  width: number;
  labels: number;
}

/** @returns where it ends */
function drawPanel(drawn: Drawn, panel: Panel, frame: Frame): number {
  const { groups, range, isPercent } = panel;
  const groupNames = Math.max(0, ...groups.map(({ name }) => name?.length ?? 0)) * characterWidth;
  const left = frame.x + groupNames + frame.labels + 8;
  const values = groups.flatMap(({ bars }) => bars).map(({ value }) => value.length);
  const valueRoom = Math.max(0, ...values) * characterWidth + 14;
  const plot = Math.max(60, frame.x + frame.width - valueRoom - left);
  const x = (value: number): number =>
    left + ((value - range.least) / (range.most - range.least)) * plot;
  const text = (kind: ChartText['kind'], at: number, y: number, words: string): void =>
    void drawn.texts.push({ kind, x: at, y, text: words, anchor: 'start' });

  text('heading', frame.x, frame.y + 11, panel.title);
  const top = frame.y + headingHeight + (isPercent ? axisHeight : 0);
  let y = top;
  for (const group of groups) {
    const begin = y;
    if (group.name !== undefined) text('column', frame.x, y + 9, group.name);
    for (const bar of group.bars) {
      drawBar(drawn, bar, { y, x, left, room: frame.labels });
      y += barPitch;
    }
    if (group.reference) {
      drawReference(drawn, x(figureOf2009.percent), begin, y);
      y += referenceRoom;
    }
    y += groupGap;
  }
  const end = y - groupGap;
  if (isPercent) drawAxis(drawn, range, x, { top, end });
  drawn.lines.push({ kind: 'zero', x: x(0), y1: top - 3, y2: end - 1 });
  return end;
}

function drawBar(
  { bars, texts }: Drawn,
  { row, column, name, pieces, value, isMissing, split }: Bar,
  at: { y: number; x: (value: number) => number; left: number; room: number },
): void {
  const { y, x, left, room } = at;
  const most = Math.floor((room - 8) / characterWidth);
  const shown = name.length > most ? `${name.slice(0, most - 1)}…` : name;
  texts.push({ kind: 'column', x: left - 8, y: y + 9, text: shown, anchor: 'end' });
  for (const { domain, from, to } of pieces) {
    const amount = split ? `${count(split[domain])} ${domain} instructions` : domain;
    const title = `${row}, ${name}: ${amount} of ${value}`;
    bars.push({ domain, x: x(from), y, width: x(to) - x(from), title, row, column });
  }
  const end = x(Math.max(0, ...pieces.map(({ to }) => to)));
  const text = isMissing ? `(${value})` : value;
  texts.push({ kind: 'value', x: end + 6, y: y + 9, text, anchor: 'start' });
}

function drawReference({ lines, texts }: Drawn, x: number, top: number, end: number): void {
  lines.push({ kind: 'reference', x, y1: top - 4, y2: end + referenceRoom - 1 });
  const text = `2009: ${percentText(figureOf2009.percent)}`;
  texts.push({ kind: 'reference', x: x + 4, y: end + referenceRoom - 2, text, anchor: 'start' });
}

function drawAxis(
  { lines, texts }: Drawn,
  { least, most }: Panel['range'],
  x: (value: number) => number,
  { top, end }: { top: number; end: number },
): void {
  for (const tick of ticks(least, most)) {
    lines.push({ kind: 'grid', x: x(tick), y1: top - 4, y2: end });
    const sign = tick > 0 ? '+' : '';
    const text = `${sign}${count(Math.round(tick * 1000) / 1000)} %`;
    texts.push({ kind: 'axis', x: x(tick), y: top - 7, text, anchor: 'middle' });
  }
}

function head({ title, view, base }: ChartInput): Pick<Chart, 'keys' | 'texts'> {
  const [what, how] =
    view === 'percent'
      ? [
          `change of instructions in percent of ${base?.name ?? 'the baseline'}`,
          'by the domain that it comes from; each environment has a scale of its own',
        ]
      : ['instructions per operation', 'by domain; each workload has a scale of its own'];
  const texts: ChartText[] = [
    { kind: 'title', x: margin, y: 14, text: `${title}: ${what}`, anchor: 'start' },
    { kind: 'note', x: margin, y: 29, text: how, anchor: 'start' },
  ];
  const keys = domains.map((domain, i) => ({ domain, x: margin + i * 90, y: 38 }));
  for (const { domain, x, y } of keys) {
    texts.push({ kind: 'column', x: x + 15, y: y + 9, text: domain, anchor: 'start' });
  }
  return { keys, texts };
}
