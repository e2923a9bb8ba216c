import { describe, expect, it } from 'vitest';
import { crossCheck } from '../../../engine/measure/cross-check.js';
import type { WorkloadCost } from '../../../engine/measure/types.js';

const cost = (workload: string, minimum: number): WorkloadCost => ({
  workload,
  iterations: 1,
  instructions: minimum,
  statistic: 'mode',
  split: { user: minimum, kernel: 0, hypervisor: 0 },
  minimum,
  mean: minimum,
  maximum: minimum,
  disturbed: 0,
});

describe('the check of the plugin against rdtsc', () => {
  it('takes off what the time stamps cost', () => {
    const tsc = new Map([
      ['empty', 6],
      ['null', 191],
    ]);
    expect(crossCheck([cost('null', 185)], tsc)).toEqual({ checked: true, disagreements: [] });
    expect(crossCheck([cost('null', 184)], tsc)).toEqual({
      checked: true,
      disagreements: [{ workload: 'null', plugin: 184, tsc: 185 }],
    });
  });

  it('leaves workloads alone whose faults are counted twice', () => {
    const tsc = new Map([
      ['empty', 6],
      ['page_fault', 1602],
    ]);
    expect(crossCheck([cost('page_fault', 1597)], tsc)).toMatchObject({ disagreements: [] });
  });

  it('says that it cannot check where rdtsc does not count instructions', () => {
    expect(crossCheck([cost('null', 185)], new Map([['empty', 900]]))).toEqual({
      checked: false,
      emptyTsc: 900,
    });
    expect(crossCheck([], new Map())).toEqual({ checked: false, emptyTsc: undefined });
  });
});
