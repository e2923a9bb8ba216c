import { expect, test } from 'vitest';
import type { ComparisonDocument } from '../../../engine/contract/app/compare.js';
import { compare as compareRecords } from '../../../engine/report/comparison.js';
import { toDocument } from '../../../engine/report/json.js';
import { contributions, stacked, ticks } from '../../../renderer/screens/compare/bars.js';
import {
  chartOf,
  chartPages,
  type Chart,
  type ChartInput,
} from '../../../renderer/screens/compare/chart.js';
import { panelsOf } from '../../../renderer/screens/compare/panels.js';
import { printedFacts } from '../../../renderer/screens/compare/printed.js';
import {
  besideWidth,
  effect,
  figureRows,
  figureText,
  judgement,
  ordered,
  percentText,
  spreadText,
  type FigureRow,
} from '../../../renderer/screens/compare/figures.js';
import { standard } from '../report/fixture.js';

const document: ComparisonDocument = toDocument(compareRecords(standard()));
const rows = figureRows(document);

/** A row of two columns, the first of which is the baseline. */
function row(name: string, base: number, other: number): FigureRow {
  const change = { delta: other - base, percent: ((other - base) / base) * 100 };
  const common = { outcome: null, spread: null, statistic: 'mode' as const };
  return {
    ...{ name, kind: 'workload', unit: 'instructions per operation', better: 'lower' },
    figures: [
      {
        ...common,
        value: base,
        split: { user: 20, kernel: base - 20, hypervisor: 0 },
        change: null,
      },
      { ...common, value: other, split: { user: 20, kernel: other - 20, hypervisor: 0 }, change },
    ],
  };
}

test('a comparison becomes a row a workload, then boot, memory and size', () => {
  const names = document.experiment.plan.workloads;
  expect(rows.map(({ name }) => name)).toEqual([...names, 'boot to /init', 'MemTotal', 'image']);
  for (const { figures } of rows) expect(figures).toHaveLength(document.columns.length);
  const cell = document.cells.find(({ instructions }) => instructions)!;
  const figure = rows.find(({ name }) => name === cell.workload)!.figures[cell.column]!;
  expect(figure.value).toBe(cell.instructions!.total);
});

test('the largest effect comes first, by the columns that are shown; the machine stays last', () => {
  const some = [row('small', 1000, 1010), row('none', 1000, 1000), row('large', 1000, 900)];
  const machine = rows.filter(({ kind }) => kind !== 'workload');
  const sorted = ordered([...some, ...machine], 'effect', [0, 1]).map(({ name }) => name);
  expect(sorted).toEqual(['large', 'small', 'none', 'boot to /init', 'MemTotal', 'image']);
  expect(ordered(some, 'table', [0, 1])).toEqual(some);
  // Only the baseline is shown: nothing has an effect, and plan order stays.
  expect(ordered(some, 'effect', [0]).map(({ name }) => name)).toEqual(['small', 'none', 'large']);
  expect(effect(some[0]!, [0])).toBe(-1);
});

test('figures and percent change places with the view', () => {
  const [, figure] = row('null', 1000, 1016.2).figures;
  expect(figureText(figure!, 'absolute')).toEqual({ main: '1,016.2', beside: '+1.62 %' });
  expect(figureText(figure!, 'percent')).toEqual({ main: '+1.62 %', beside: '1,016.2' });
  expect([percentText(0), percentText(0.001), percentText(-1234.5), percentText(null)]).toEqual([
    '=',
    '+0.00 %',
    '-1,234.50 %',
    '-',
  ]);
});

test('the baseline has its count where others have theirs', () => {
  const [figure] = row('null', 1000, 1016).figures;
  expect(figureText(figure!, 'absolute')).toEqual({ main: '1,000', beside: '' });
  expect(figureText(figure!, 'percent')).toEqual({ main: '', beside: '1,000' });
  expect(besideWidth(row('null', 1000, 1016).figures, 'absolute')).toBe('+1.60 %'.length);
});

test('a paper says what the same figures need', () => {
  const facts = printedFacts(document, 'plan 5f2c; QEMU');
  expect(facts[0]?.value).toContain('standard, ');
  expect(facts).toContainEqual({ name: 'counted by', value: 'plan 5f2c; QEMU' });
  const [first] = document.columns;
  expect(facts.find(({ name }) => name === first!.name)?.value).toContain(first!.sha256);
});

test('a figure that is missing says why, and is neither better nor worse', () => {
  const figure = { ...row('null', 1, 2).figures[0]!, value: null, outcome: 'kernel-panic' };
  expect(figureText(figure, 'percent').main).toBe('kernel-panic');
  expect(judgement({ better: 'lower' }, figure)).toBe('same');
  expect(judgement({ better: 'higher' }, row('null', 2, 3).figures[1]!)).toBe('better');
});

test('the spread names its extremes and the disturbed iterations', () => {
  const spread = { minimum: 198, mean: 200, maximum: 1204, iterations: 1000, disturbed: 12 };
  const figure = { ...row('null', 200, 201).figures[0]!, spread: { ...spread, differs: false } };
  expect(spreadText(figure)).toBe('198 to 1,204; 12 of 1,000 disturbed');
});

test('domains stack to the total, and contributions to the change', () => {
  const split = { user: 20, kernel: 160, hypervisor: 800 };
  expect(stacked(split).at(-1)).toEqual({ domain: 'hypervisor', from: 180, to: 980 });
  const pieces = contributions(split, { user: 20, kernel: 180, hypervisor: 0 });
  expect(pieces).toEqual([
    { domain: 'kernel', from: -10, to: 0 },
    { domain: 'hypervisor', from: 0, to: 400 },
  ]);
  expect(contributions(split, { user: 0, kernel: 0, hypervisor: 0 })).toEqual([]);
});

test('ticks are round, few, and have 0 among them', () => {
  expect(ticks(-10, 400)).toEqual([0, 100, 200, 300, 400]);
  expect(ticks(0, 1.62).length).toBeLessThanOrEqual(6);
  expect(ticks(0, 0)).toEqual([0]);
});

const input: ChartInput = {
  ...{ title: 'lab', note: document.note, view: 'percent', width: 1045, baseline: 0 },
  rows: rows.filter(({ kind }) => kind === 'workload'),
  columns: document.columns,
  base: document.columns[0],
};

test('a small effect on bare hardware is seen beside a large one under Xen', () => {
  const panels = panelsOf(input);
  expect(panels.map(({ title }) => title)).toEqual(['bare', 'xen-pv-dom0']);
  for (const { groups, range } of panels) {
    expect(groups.map(({ name }) => name)).toEqual(input.rows.map(({ name }) => name));
    const ends = groups
      .flatMap(({ bars }) => bars.flatMap(({ pieces }) => pieces))
      .map(({ to }) => to);
    expect(Math.max(...ends)).toBe(range.most);
  }
  // Its label is enough in a panel of its environment.
  expect(panels[0]!.groups[0]!.bars.map(({ name }) => name)).toEqual(['xen', 'multi']);
  const absolute = panelsOf({ ...input, view: 'absolute' });
  expect(absolute.map(({ title }) => title)).toEqual(input.rows.map(({ name }) => name));
  expect(absolute[0]!.groups[0]!.bars).toHaveLength(document.columns.length);
});

test('the figure of 2009 is a line of mmap_perf on bare hardware, in the percent view only', () => {
  const column = (label: string, environment = 'bare') => ({
    ...{ label, environment, name: `${label}/${environment}`, flavour: label },
  });
  const columns = [column('native'), column('xen'), column('xen', 'xen-pv-dom0')].map(
    (one, index) => ({ ...one, column: index }),
  );
  const [perf] = [row('mmap_perf', 1000, 1021)];
  const figures = [...perf.figures, perf.figures[1]!];
  const two = { ...input, columns, base: columns[0], rows: [{ ...perf, figures }] };
  const chart = chartOf(two);
  const [line, ...more] = chart.lines.filter(({ kind }) => kind === 'reference');
  expect(more).toEqual([]);
  const zero = chart.lines.find(({ kind }) => kind === 'zero')!;
  const [bar] = chart.bars;
  // +2.1 % is the whole plot, and 1.62 of it in proportion.
  expect((line!.x - zero.x) / bar!.width).toBeCloseTo(1.62 / 2.1, 5);
  const referencesOf = (changed: ChartInput): number =>
    chartOf(changed).lines.filter(({ kind }) => kind === 'reference').length;
  expect(referencesOf({ ...two, view: 'absolute' })).toBe(0);
  // Against a kernel that has PARAVIRT itself it says nothing.
  expect(referencesOf({ ...two, baseline: 1, base: columns[1] })).toBe(0);
});

test('pages cut no workload, lose none, and keep the scale', () => {
  const pages = chartPages(input, 300);
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.every(({ height }) => height <= 300)).toBe(true);
  expect(pages.flatMap(({ bars }) => bars)).toHaveLength(chartOf(input).bars.length);
  const ticksOf = (chart: Chart): string[] =>
    chart.texts.filter(({ kind }) => kind === 'axis').map(({ text }) => text);
  expect(new Set(pages.map((page) => ticksOf(page).join())).size).toBe(1);
  expect(chartPages(input, 5000)).toEqual([chartOf({ ...input, scaled: input.rows })]);
});

test.each([480, 700, 1045, 1600])('nothing of a chart leaves its frame of %d pixels', (width) => {
  for (const view of ['absolute', 'percent'] as const) {
    const chart = chartOf({ ...input, view, width });
    expect(chart.bars.length).toBeGreaterThan(0);
    for (const bar of chart.bars) {
      expect(bar.x).toBeGreaterThanOrEqual(0);
      expect(bar.width).toBeGreaterThanOrEqual(0);
      expect(bar.x + bar.width).toBeLessThanOrEqual(chart.width);
      expect(bar.y + chart.barHeight).toBeLessThanOrEqual(chart.height);
    }
    for (const { kind, x, y, text } of chart.texts) {
      expect(y > 0 && y <= chart.height).toBe(true);
      if (kind === 'value') expect(x + text.length * 6.9).toBeLessThanOrEqual(chart.width);
    }
  }
});
