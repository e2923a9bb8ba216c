import { describe, expect, it } from 'vitest';
import { changeFrom, compare } from '../../../engine/report/comparison.js';
import type { Cell, Comparison } from '../../../engine/report/types.js';
import { digest, measurement, run, standard } from './fixture.js';

const cellAt = (comparison: Comparison, row: string, column: number): Cell | undefined =>
  comparison.rows.find((each) => each.name === row)?.cells[column];

describe('compare', () => {
  it('has columns and rows in plan order, boot rows last', () => {
    const comparison = compare(standard());
    expect(comparison.columns.map((column) => column.name)).toEqual([
      'native/bare',
      'xen/bare',
      'xen/xen-pv-dom0',
      'multi/bare',
      'multi/xen-pv-dom0',
    ]);
    expect(comparison.rows.slice(0, 2).map((row) => row.name)).toEqual(['null', 'read']);
    expect(comparison.rows.slice(-3).map((row) => row.name)).toEqual(['boot', 'MemTotal', 'image']);
    expect(comparison.flags).toEqual([]);
  });

  it('gives figure, split, spread and the change from the baseline', () => {
    expect(cellAt(compare(standard()), 'null', 2)).toEqual({
      state: 'measured',
      value: 979,
      split: { user: 9, kernel: 288, hypervisor: 682 },
      spread: {
        statistic: 'mode',
        iterations: 1000,
        minimum: 979,
        mean: 981.75,
        maximum: 3692,
        disturbed: 3,
      },
      spreadDiffers: false,
      change: { delta: 776, percent: (776 / 203) * 100 },
    });
    expect(cellAt(compare(standard()), 'null', 0)).toMatchObject({ change: undefined });
  });

  it('sums the parts of the boot and takes sizes from the images', () => {
    const comparison = compare(standard());
    expect(cellAt(comparison, 'boot', 0)).toMatchObject({ value: 507_233_397 });
    expect(cellAt(comparison, 'MemTotal', 1)).toMatchObject({ change: { delta: -2128 } });
    expect(cellAt(comparison, 'image', 3)).toMatchObject({ value: 5_527_064, split: undefined });
  });

  it('gives no figure where runs disagree, and says which', () => {
    const input = standard();
    const odd = input.measurements.find((m) => m.runId === 5 && m.workload === 'null');
    odd!.instructions += 2;
    odd!.split.kernel += 2;
    const comparison = compare(input);
    expect(cellAt(comparison, 'null', 1)).toEqual({
      state: 'disagrees',
      values: [
        { run: 4, value: 205 },
        { run: 5, value: 207 },
        { run: 6, value: 205 },
      ],
    });
    expect(cellAt(comparison, 'read', 1)).toMatchObject({ state: 'measured' });
    expect(comparison.flags).toEqual([
      {
        kind: 'disagreement',
        column: 1,
        message: 'runs 4, 5, 6 must count the same and do not: null',
      },
    ]);
  });

  it('takes equal totals with different splits for a disagreement', () => {
    const input = standard();
    const odd = input.measurements.find((m) => m.runId === 8 && m.workload === 'pipe');
    odd!.split.kernel += 1;
    odd!.split.hypervisor -= 1;
    expect(cellAt(compare(input), 'pipe', 2)?.state).toBe('disagrees');
  });

  it('takes a workload that only some runs measured for a disagreement', () => {
    const input = standard();
    input.measurements = input.measurements.filter((m) => m.runId !== 2 || m.workload !== 'stat');
    expect(cellAt(compare(input), 'stat', 0)).toMatchObject({
      state: 'disagrees',
      values: [{ value: 1917 }, { run: 2, value: null }, { value: 1917 }],
    });
  });

  it('keeps a figure whose iterations scattered differently, and flags it', () => {
    const input = standard();
    input.measurements.find((m) => m.runId === 3 && m.workload === 'read')!.disturbed = 4;
    const comparison = compare(input);
    expect(cellAt(comparison, 'read', 0)).toMatchObject({ value: 424, spreadDiffers: true });
    expect(comparison.flags.map((flag) => flag.kind)).toEqual(['spread']);
  });

  it('compares nothing with a baseline that disagrees', () => {
    const input = standard();
    input.measurements.find((m) => m.runId === 2 && m.workload === 'null')!.instructions = 999;
    expect(cellAt(compare(input), 'null', 1)).toMatchObject({ value: 205, change: undefined });
  });

  it('shows the outcome of a column without a finished run', () => {
    const input = standard();
    input.runs = input.runs.filter((each) => each.cell !== 3);
    for (const each of input.runs) {
      if (each.cell === 4) Object.assign(each, { state: 'failed', outcome: 'kernel-panic' });
      if (each.cell === 2) Object.assign(each, { state: 'interrupted', outcome: null });
      if (each.cell === 1) Object.assign(each, { state: 'running', outcome: null });
    }
    const comparison = compare(input);
    expect(comparison.rows[0]?.cells.slice(1)).toEqual([
      { state: 'running', outcome: 'running' },
      { state: 'interrupted', outcome: 'interrupted' },
      { state: 'missing', outcome: 'not run' },
      { state: 'failed', outcome: 'kernel-panic' },
    ]);
    expect(cellAt(comparison, 'image', 4)).toMatchObject({ state: 'measured' });
    expect(comparison.flags).toEqual([
      { kind: 'failed', column: 2, message: 'runs 7, 8, 9: interrupted: init said it was done' },
      {
        kind: 'failed',
        column: 4,
        message: 'runs 13, 14, 15: kernel-panic: init said it was done',
      },
    ]);
  });

  it('forgets a failed run whose repetition finished later, and counts what is missing', () => {
    const input = standard();
    input.runs = input.runs.filter((each) => each.id !== 3);
    input.runs.unshift(run({ id: 99, cell: 0, state: 'failed', outcome: 'timeout' }));
    const comparison = compare(input);
    expect(cellAt(comparison, 'null', 0)).toMatchObject({ value: 203 });
    expect(comparison.flags).toEqual([
      { kind: 'incomplete', column: 0, message: '2 of 3 runs finished' },
    ]);
  });

  it('flags a run that differs from an earlier one', () => {
    const input = standard();
    input.runs[1]!.differsFrom = [71, 72];
    expect(compare(input).flags).toEqual([
      {
        kind: 'differs-from-earlier',
        column: 0,
        message: 'run 2 counts differently from runs 71, 72 of the same inputs',
      },
    ]);
  });

  it('takes a figure that is no finite number for none', () => {
    const input = standard();
    for (const m of input.measurements) if (m.workload === 'null') m.mean = NaN;
    expect(cellAt(compare(input), 'null', 0)).toEqual({
      state: 'missing',
      outcome: 'not measured',
    });
  });

  it('does without an image record', () => {
    const input = standard();
    input.images = input.images.filter((each) => each.sha256 !== digest('b'));
    const comparison = compare(input);
    expect(comparison.columns[1]?.flavour).toBeNull();
    expect(cellAt(comparison, 'image', 1)).toEqual({ state: 'missing', outcome: 'no record' });
  });

  it('refuses a plan without cells', () => {
    const input = standard();
    input.experiment.plan.cells = [];
    expect(() => compare(input)).toThrow(expect.objectContaining({ code: 'report-no-columns' }));
  });
});

describe('changeFrom', () => {
  it('has no percentage against 0', () => {
    expect(changeFrom(682, 0)).toEqual({ delta: 682, percent: undefined });
    expect(changeFrom(0, 0)).toEqual({ delta: 0, percent: undefined });
  });

  it('is negative for fewer', () => {
    expect(changeFrom(150, 200)).toEqual({ delta: -50, percent: -25 });
  });
});

describe('baseline', () => {
  const baselineOf = (baseline?: string | number): number =>
    compare({ ...standard(), baseline }).baseline;

  it.each([
    [undefined, 0],
    ['xen', 1],
    ['xen/xen-pv-dom0', 2],
    ['xen/dom0', 2],
    ['xen/pv-dom0', 2],
    ['multi/dom0', 4],
    ['3', 3],
    [4, 4],
  ])('%s is column %i', (wanted, index) => {
    expect(baselineOf(wanted)).toBe(index);
  });

  it.each(['zen', '5', '-1', '', 'native/dom0', 'xen/', 'xen/m0', 1.5, -1])(
    '%s is none',
    (wanted) => {
      expect(() => baselineOf(wanted)).toThrow(
        expect.objectContaining({
          code: 'report-unknown-baseline',
          hint: expect.stringContaining('0 native/bare, 1 xen/bare, 2 xen/xen-pv-dom0') as string,
        }),
      );
    },
  );

  it('turns every change round', () => {
    const comparison = compare({ ...standard(), baseline: 'xen/dom0' });
    expect(cellAt(comparison, 'null', 0)).toMatchObject({ change: { delta: -776 } });
    expect(cellAt(comparison, 'null', 2)).toMatchObject({ change: undefined });
  });
});

describe('zero baseline', () => {
  it('keeps the delta and leaves the percentage out', () => {
    const input = standard();
    input.measurements = input.measurements.map((each) =>
      each.workload === 'null' && each.runId <= 3
        ? measurement(each.runId, 'null', [0, 0, 0])
        : each,
    );
    expect(cellAt(compare(input), 'null', 1)).toMatchObject({
      change: { delta: 205, percent: undefined },
    });
  });
});
