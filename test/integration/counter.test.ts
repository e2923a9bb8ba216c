import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createQemu, defaultMachine } from '../../engine/boot/index.js';
import type { EnvironmentName } from '../../engine/boot/types.js';
import { makeInitramfs } from '../../engine/guest/initramfs.js';
import { readGuestReport } from '../../engine/guest/report.js';
import { liveCountsFile, readLiveCounts } from '../../engine/measure/live-counts.js';
import { livePlugin } from '../../engine/measure/plugin.js';
import { workloadByName } from '../../engine/measure/workloads.js';
import { testKernel } from '../support/kernels.js';
import { costs, measureOnce, testWorkspace } from '../support/measure.js';

const native = { file: testKernel('native').bzImage, environment: 'bare' as EnvironmentName };
const xenDom0 = { file: testKernel('xen').bzImage, environment: 'xen-pv-dom0' as EnvironmentName };
const xenPvh = { file: testKernel('xen').bzImage, environment: 'xen-pvh-dom0' as EnvironmentName };

describe('the counter plugin', () => {
  it.each([native, xenDom0])(
    'counts inline what it counts by a call an instruction ($environment)',
    async (cell) => {
      const workspace = await testWorkspace();
      const workloads = ['null', 'pipe', 'fork_exit', 'page_fault'];
      const inline = await measureOnce(workspace, cell, { workloads });
      const callback = await measureOnce(workspace, cell, { workloads, mode: 'callback' });
      expect(inline.state).toBe('done');
      expect(callback.bootInstructions).toEqual(inline.bootInstructions);
      expect(callback.samples).toEqual(inline.samples);
    },
  );

  it('agrees with rdtsc, but for instructions that fault and start again', async () => {
    const workspace = await testWorkspace();
    const result = await measureOnce(workspace, native);
    const { tsc } = readGuestReport(Buffer.from(result.console).toString('latin1'));
    const stamps = tsc.get('empty') ?? NaN;
    const checked: string[] = [];
    for (const { workload, minimum } of result.measurements) {
      const faults = workloadByName(workload)?.faults;
      if (faults === undefined) continue;
      expect(minimum, workload).toBe((tsc.get(workload) ?? NaN) - stamps + faults);
      checked.push(workload);
    }
    expect(checked).toHaveLength(13);
  });

  it('tells user, kernel and hypervisor apart', async () => {
    const workspace = await testWorkspace();
    const bare = await measureOnce(workspace, native, { workloads: ['null'] });
    const dom0 = await measureOnce(workspace, xenDom0, { workloads: ['null'] });
    // getppid() from the marker to the marker: load the number, syscall.
    expect(bare.measurements[0]?.split).toMatchObject({ user: 2, hypervisor: 0 });
    expect(dom0.measurements[0]?.split.user).toBe(2);
    // A PV guest's system call enters Xen first (lstar_enter, then back to the guest).
    expect(dom0.measurements[0]?.split.hypervisor).toBeGreaterThan(400);
    expect(costs(dom0)['null']).toBeGreaterThan(costs(bare)['null'] ?? Infinity);
  });

  it('sees a PVH dom0 work without its hypervisor', async () => {
    const workspace = await testWorkspace();
    const workloads = ['null', 'page_fault'];
    const first = await measureOnce(workspace, xenPvh, { workloads });
    const second = await measureOnce(workspace, xenPvh, { workloads });
    // It has a ring 0 and page tables of its own: a system call and a fault are not Xen's business.
    expect(first.measurements.map(({ split }) => split.hypervisor)).toEqual([0, 0]);
    expect(first.bootInstructions?.hypervisor).toBeGreaterThan(0);
    expect(second.samples).toEqual(first.samples);
    expect(second.bootInstructions).toEqual(first.bootInstructions);
  });
});

describe('the plugin that shows counts while a guest runs', () => {
  it.each([native, xenDom0])(
    'counts what QEMU counts, by domain ($environment)',
    async ({ file, environment }) => {
      const workspace = await testWorkspace();
      const qemu = createQemu({ cacheFolder: join(workspace.folders.home, 'xen') });
      const library = await livePlugin(workspace, await qemu.version());
      const guest = await qemu.start({
        ...{ environment, kernel: file, machine: defaultMachine, console: 'interactive' },
        initrd: (await makeInitramfs(workspace, { kind: 'shell' })).path,
        folder: await workspace.temporaryFolder('live'),
        plugin: { library, arguments: { out: liveCountsFile } },
      });
      try {
        let said = '';
        guest.onConsole((bytes) => (said += Buffer.from(bytes).toString('latin1')));
        await expect.poll(() => said, { timeout: 120_000 }).toContain('guest#');
        const qmp = await guest.qmp();
        await qmp.execute('stop');
        const { icount } = (await qmp.execute('query-replay')) as { icount: number };
        const counts = async () => {
          const read = await readLiveCounts(join(guest.command.folder, liveCountsFile));
          const { user, kernel, hypervisor } = read ?? { user: 0, kernel: 0, hypervisor: 0 };
          return { user, kernel, hypervisor, all: user + kernel + hypervisor };
        };
        // What faults and starts again counts once more here, a few in ten thousand.
        await expect.poll(async () => (await counts()).all).toBeGreaterThanOrEqual(icount);
        const { user, kernel, hypervisor, all } = await counts();
        expect(all).toBeLessThan(icount * 1.001);
        expect(user).toBeGreaterThan(1_000_000);
        expect(kernel).toBeGreaterThan(50_000_000);
        if (environment === 'bare') expect(hypervisor).toBe(0);
        else expect(hypervisor).toBeGreaterThan(kernel);
      } finally {
        await guest.stop();
      }
    },
  );
});
