import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openFileSource, readElf } from '../../engine/elf/index.js';
import { readPatchKernel, type PatchKernel } from '../../engine/patch/kernel.js';
import { discoverPvSites, relativeReferences } from '../../engine/patch/listing/pv-relocations.js';
import { functionViews } from '../../engine/patch/listing/function-view.js';
import { siteRows } from '../../engine/patch/listing/report.js';
import { listSites } from '../../engine/patch/listing/site-list.js';
import { testKernel } from '../support/kernels.js';
import { patchSubject } from '../support/patch-kernel.js';

/** Patch sites of real kernels, listed without booting them. */

const xen = testKernel('xen');
let named: PatchKernel;
let stripped: PatchKernel;

beforeAll(async () => {
  const bytes = readFileSync(xen.bzImage);
  named = (await patchSubject('xen')).kernel;
  stripped = await readPatchKernel({ label: 'stripped', bytes });
});

describe("the lab's xen kernel", () => {
  it('has the same sites whether symbols tell where the tables are or code does', () => {
    const rows = (kernel: PatchKernel): string[] =>
      siteRows(listSites({ kernel })).map(
        ({ address, family, bytes }) => `${address} ${family} ${bytes}`,
      );
    const [known, found] = [rows(named), new Set(rows(stripped))];
    expect(known.length).toBeGreaterThan(10_000);
    // Trampolines that no site calls are known by the names of their keys, which are data.
    const lost = known.filter((row) => !found.has(row));
    expect(lost.every((row) => row.includes('static-call'))).toBe(true);
    expect(lost.length).toBeLessThan(5);
  });

  it('has every paravirt site in its relocations, and other uses of pv_ops besides', () => {
    const vmlinux = openFileSource(xen.vmlinux);
    const found = discoverPvSites(named, relativeReferences(named, readElf(vmlinux)));
    vmlinux.close();
    expect(found.entries).toBeGreaterThan(3000);
    expect(found).toMatchObject({ inBoth: found.entries, onlyInTable: [], notes: [] });
    const calls = found.onlyRelocated.filter(({ use }) => use === 'indirect call');
    expect(new Set(calls.map(({ member }) => member))).toEqual(new Set(['pv_ops.mmu.set_fixmap']));
    expect(found.onlyRelocated.length).toBeLessThan(found.entries / 10);
  });

  it('shows an alternative beside the call that it is', () => {
    const [view] = functionViews(listSites({ kernel: named }), 'flush_tlb_one_kernel');
    const sites = view!.blocks.flatMap((block) => block.sites);
    expect(sites.map(({ subject }) => subject)).toEqual([
      'pv_ops.mmu.flush_tlb_one_user',
      'X86_FEATURE_ALWAYS',
      'X86_FEATURE_PTI',
    ]);
    const shown = view!.blocks.reduce(
      (bytes, { original }) => bytes + original.reduce((sum, { size }) => sum + size, 0),
      0,
    );
    expect(shown).toBe(view!.size);
  });
});

describe("Debian's kernel", () => {
  it('has sites of ftrace too, and names for keys', async () => {
    const { kernel } = await patchSubject('stock');
    const { totals, notes } = listSites({ kernel });
    expect(notes).toEqual([]);
    const entries = new Map(totals.map((total) => [total.family, total.entries]));
    expect(entries.get('ftrace')).toBeGreaterThan(30_000);
    expect(entries.get('static-key')).toBeGreaterThan(5000);
    expect(entries.get('static-call')).toBeGreaterThan(4000);
    const rows = siteRows(listSites({ kernel, families: ['static-key'] }));
    const nameless = rows.filter(({ subject }) => /^\.\w/.test(subject));
    expect(nameless).toEqual([]);
  });
});
