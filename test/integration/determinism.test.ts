import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { onTestFinished, describe, expect, it } from 'vitest';
import type { EnvironmentName } from '../../engine/boot/types.js';
import { writeCpio } from '../../engine/guest/cpio.js';
import { testKernel, testMultiImage } from '../support/kernels.js';
import {
  costs,
  measure,
  measureOnce,
  testWorkspace,
  type MeasuredCell,
} from '../support/measure.js';

const native = { file: testKernel('native').bzImage, environment: 'bare' as EnvironmentName };
const xenBare = { file: testKernel('xen').bzImage, environment: 'bare' as EnvironmentName };
const xenDom0 = { file: testKernel('xen').bzImage, environment: 'xen-pv-dom0' as EnvironmentName };

/** Simple system calls: whatever does not matter must not move them at all. */
const simple = [
  ...['null', 'read', 'write', 'stat', 'open_close', 'sig_install', 'sig_deliver', 'select_100'],
];
/** fork and exec depend on which free lists their many allocations find. */
const allocating = ['fork_exit', 'fork_exec'];

type Costs = Parameters<typeof costs>[0];

function expectSameCosts(one: Costs, other: Costs): void {
  const [a, b] = [costs(one), costs(other)];
  expect(Object.keys(b)).toEqual(Object.keys(a));
  for (const [workload, cost] of Object.entries(a)) {
    const moved = Math.abs((b[workload] ?? 0) - cost) / cost;
    const allowed = simple.includes(workload) ? 0 : allocating.includes(workload) ? 0.005 : 0.001;
    expect(
      moved,
      `${workload}: ${String(cost)} against ${String(b[workload])}`,
    ).toBeLessThanOrEqual(allowed);
  }
}

/** Keeps every core busy until the test ends. */
function loadTheMachine(): void {
  const busy = Array.from({ length: availableParallelism() + 1 }, () =>
    spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
  );
  onTestFinished(() => {
    for (const child of busy) child.kill('SIGKILL');
  });
}

describe('figures', () => {
  it('are the same to the last instruction in three runs of a plan, also on a loaded machine', async () => {
    const workspace = await testWorkspace();
    const quiet = await measure(workspace, [native, xenBare, xenDom0], { repeat: 2 });
    loadTheMachine();
    const loaded = await measure(workspace, [native, xenBare, xenDom0]);
    expect(quiet.map(({ run }) => run.state)).toEqual(Array(6).fill('done'));
    // Runs of a cell stand next to each other; the database compares every
    // iteration of runs with equal inputs.
    loaded.forEach((third, cell) => {
      const [first, second] = quiet.slice(2 * cell, 2 * cell + 2);
      expect(second?.run.inputHash).toBe(first?.run.inputHash);
      expect(third.run.inputHash).toBe(first?.run.inputHash);
      expect(second?.run.differsFrom).toEqual([]);
      expect(third.run.differsFrom).toEqual([]);
      expect(third.run.bootInstructions).toEqual(first?.run.bootInstructions);
      const figures = ({ measurements }: MeasuredCell) =>
        measurements.map(({ runId: _, ...figure }) => figure);
      expect(figures(third)).toEqual(first && figures(first));
    });
  });

  it('do not move with a longer command line', async () => {
    const workspace = await testWorkspace();
    const cells = [native, xenBare, xenDom0];
    const plain = await measure(workspace, cells);
    const longer = await measure(workspace, cells, {
      append: 'kbl.some=thing another.longer=command that.goes.on=and.on',
    });
    plain.forEach((cell, i) => {
      expectSameCosts(cell, longer[i] as MeasuredCell);
    });
  });

  it('do not move with a larger initramfs', async () => {
    const workspace = await testWorkspace();
    const data = new Uint8Array(3_000_000).fill(0x4b);
    const extraInitrd = writeCpio([{ path: 'ballast', kind: 'file', mode: 0o644, data }]);
    for (const cell of [native, xenDom0]) {
      const plain = await measureOnce(workspace, cell);
      expectSameCosts(plain, await measureOnce(workspace, cell, { extraInitrd }));
    }
  });

  it('are the same for the multi-image as for the image it holds', async () => {
    const workspace = await testWorkspace();
    const multi = testMultiImage();
    const [bare, dom0, multiBare, multiDom0] = await measure(workspace, [
      native,
      xenDom0,
      { file: multi, environment: 'bare' },
      { file: multi, environment: 'xen-pv-dom0' },
    ]);
    expectSameCosts(bare as MeasuredCell, multiBare as MeasuredCell);
    expectSameCosts(dom0 as MeasuredCell, multiDom0 as MeasuredCell);
    // Memory after boot too.
    expect(multiBare?.run.memTotalKiB).toBe(bare?.run.memTotalKiB);
    expect(multiBare?.run.memoryLine).toBe(bare?.run.memoryLine);
    expect(multiDom0?.run.memTotalKiB).toBe(dom0?.run.memTotalKiB);
  });
});
