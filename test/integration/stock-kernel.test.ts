import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeImage } from '../../engine/bzimage/index.js';
import { importImage } from '../../engine/images/import-image.js';
import { costs, measure, testWorkspace } from '../support/measure.js';
import { stockKernel } from '../support/stock-kernel.js';

describe("Debian's own kernel", () => {
  let vmlinuz: string;

  beforeAll(() => {
    vmlinuz = stockKernel();
  });

  it('is described down to its Xen notes', async () => {
    const description = await describeImage(await readFile(vmlinuz));
    expect(description.container).toBe('bzImage');
    expect(description.setup?.crcMatches).toBe(false); // the signature was appended after the CRC
    expect(description.kernel?.banner).toMatch(/^Linux version 6\.\d+\.\d+.*debian/i);
    const boots = Object.fromEntries(
      description.bootsAs.map(({ environment, boots: yes }) => [environment, yes]),
    );
    expect(boots).toMatchObject({ bare: true, 'xen-pv-dom0': true });
  });

  it('is imported byte for byte', async () => {
    const workspace = await testWorkspace();
    const { image } = await importImage(workspace, vmlinuz, 'debian', {});
    expect(image).toMatchObject({ kind: 'imported', name: 'debian' });
    const stored = await readFile(workspace.store.path(image.sha256));
    expect(stored.equals(await readFile(vmlinuz))).toBe(true);
  });

  it('is measured on bare hardware and as PV dom0', async () => {
    const workspace = await testWorkspace();
    const [bare, dom0] = await measure(
      workspace,
      [
        { file: vmlinuz, environment: 'bare' },
        { file: vmlinuz, environment: 'xen-pv-dom0' },
      ],
      { workloads: ['null', 'pipe', 'fork_exit', 'mmap_touch'] },
    );
    expect(bare?.run.evidence).toContain('KBL-DONE');
    expect([bare?.run.state, dom0?.run.state]).toEqual(['done', 'done']);
    expect(bare?.run.memoryLine).toMatch(/^Memory: \d+K\/\d+K available/);
    for (const [workload, cost] of Object.entries(bare ? costs(bare) : {})) {
      expect(dom0 && costs(dom0)[workload], workload).toBeGreaterThan(cost);
    }
    expect(dom0?.measurements.every(({ split }) => split.hypervisor > 0)).toBe(true);
  });
});
