import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, typicalIteration } from '../../../engine/measure/cost.js';

/** Iterations whose kernel part is given and whose user part is always 2. */
function iterations(kernel: readonly number[]) {
  return {
    workload: 'null',
    user: Float64Array.from(kernel, () => 2),
    kernel: Float64Array.from(kernel),
    hypervisor: new Float64Array(kernel.length),
  };
}

describe('the cost of an operation', () => {
  it('is the mode, so that a tick inside the loop is an outlier', () => {
    expect(costOf(iterations([183, 183, 183, 5000, 183]))).toEqual({
      workload: 'null',
      iterations: 5,
      instructions: 185,
      statistic: 'mode',
      split: { user: 2, kernel: 183, hypervisor: 0 },
      minimum: 185,
      mean: 1148.4,
      maximum: 5002,
      disturbed: 1,
    });
  });

  it('is the smallest of several modes', () => {
    expect(costOf(iterations([9, 5, 9, 5, 7])).instructions).toBe(7);
  });

  it('is the lower median where no value repeats', () => {
    const cost = costOf(iterations([40, 10, 30, 20]));
    expect(cost).toMatchObject({ instructions: 22, statistic: 'median', disturbed: 3 });
  });

  it('takes its split from an iteration that cost as much, the usual one', () => {
    const cost = costOf({
      workload: 'null',
      user: Float64Array.of(1, 2, 2),
      kernel: Float64Array.of(9, 8, 8),
      hypervisor: Float64Array.of(0, 0, 0),
    });
    expect(cost.split).toEqual({ user: 2, kernel: 8, hypervisor: 0 });
  });

  it('stands in the first iteration that cost it, with its split', () => {
    const mixed = {
      workload: 'null',
      user: Float64Array.of(3, 1, 2, 2),
      kernel: Float64Array.of(9, 9, 8, 8),
      hypervisor: Float64Array.of(0, 0, 0, 0),
    } as const;
    expect(typicalIteration(mixed)).toBe(2);
  });

  it('has parts that add up, and lies within its bounds, for any counts', () => {
    const counts = fc.array(fc.nat(60), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(counts, (kernel) => {
        const cost = costOf(iterations(kernel));
        const { user, kernel: inKernel, hypervisor } = cost.split;
        expect(user + inKernel + hypervisor).toBe(cost.instructions);
        expect(cost.minimum).toBeLessThanOrEqual(cost.instructions);
        expect(cost.maximum).toBeGreaterThanOrEqual(cost.instructions);
        const same = kernel.filter((count) => count + 2 === cost.instructions).length;
        expect(cost.disturbed).toBe(kernel.length - same);
      }),
    );
  });

  it('does not depend on the order of the iterations', () => {
    const counts = fc.array(fc.nat(9), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(counts, (kernel) => {
        const { mean, ...cost } = costOf(iterations(kernel));
        const { mean: reversed, ...other } = costOf(iterations([...kernel].reverse()));
        expect(other).toEqual(cost);
        expect(reversed).toBeCloseTo(mean, 9);
      }),
    );
  });
});
