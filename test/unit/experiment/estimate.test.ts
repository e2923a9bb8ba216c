import { expect, test } from 'vitest';
import { expectedWall, type EarlierRun } from '../../../engine/experiment/estimate.js';

const earlier: EarlierRun = {
  run: { wall: 12_000, bootInstructions: { user: 10, kernel: 390, hypervisor: 0 } },
  measurements: [
    { workload: 'null', mean: 1, iterations: 100 },
    { workload: 'fork_exec', mean: 7, iterations: 100 },
  ],
};

test('a run with fewer workloads takes what it executes of the earlier one', () => {
  expect(expectedWall(earlier, ['null', 'fork_exec'])).toBe(12_000);
  expect(expectedWall(earlier, ['null'])).toBe(5_000);
  expect(expectedWall(earlier, [])).toBe(4_000);
});

test('a workload that was never measured counts as an average one', () => {
  expect(expectedWall(earlier, ['null', 'pipe'])).toBe(9_000);
});

test('a run without counts tells nothing', () => {
  const { run, measurements } = earlier;
  expect(expectedWall({ run: { ...run, wall: null }, measurements }, [])).toBeUndefined();
  expect(
    expectedWall({ run: { ...run, bootInstructions: null }, measurements }, []),
  ).toBeUndefined();
});
