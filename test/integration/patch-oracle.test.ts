import { readFile } from 'node:fs/promises';
import { describe, expect, inject, it } from 'vitest';
import { createQemu, defaultMachine } from '../../engine/boot/index.js';
import { openFileSource } from '../../engine/elf/index.js';
import { placeText } from '../../engine/kernel/names.js';
import { readPatchKernel, type PatchKernel } from '../../engine/patch/kernel.js';
import { directWrites, observe, type ObserveRequest } from '../../engine/patch/observe/index.js';
import { resolveKernel } from '../../engine/patch/resolve.js';
import { compareText } from '../../engine/patch/text-comparison.js';
import type { FamilyName } from '../../engine/patch/types.js';
import { testKernel } from '../support/kernels.js';
import { testWorkspace } from '../support/measure.js';
import { stockKernel } from '../support/stock-kernel.js';

type Image = 'native' | 'xen' | 'stock';

async function subject(image: Image): Promise<{ file: string; kernel: PatchKernel }> {
  if (image === 'stock') {
    const file = stockKernel();
    return { file, kernel: await readPatchKernel({ label: image, bytes: await readFile(file) }) };
  }
  const { bzImage: file, vmlinux } = testKernel(image);
  const symbols = openFileSource(vmlinux);
  try {
    const bytes = await readFile(file);
    return { file, kernel: await readPatchKernel({ label: image, bytes, vmlinux: symbols }) };
  } finally {
    symbols.close();
  }
}

interface Case {
  image: Image;
  environment: 'bare' | 'xen-pv-dom0';
  /** What makes it another machine than the default. */
  with?: string;
  change?: Pick<ObserveRequest, 'append' | 'machine'>;
  /** Families some of whose sites must come out changed. */
  families: readonly FamilyName[];
}

const lab: readonly FamilyName[] = ['alternative', 'smp-lock', 'static-call', 'static-key'];
const stock: readonly FamilyName[] = [...lab, 'paravirt', 'return', 'ftrace'];

const cases: readonly Case[] = [
  { image: 'native', environment: 'bare', families: lab },
  { image: 'xen', environment: 'bare', families: [...lab, 'paravirt'] },
  { image: 'xen', environment: 'xen-pv-dom0', families: [...lab, 'paravirt'] },
  { image: 'stock', environment: 'bare', families: stock },
  {
    ...{ image: 'stock', environment: 'bare', with: 'no retpolines and the most features' },
    change: { append: 'spectre_v2=off', machine: { ...defaultMachine, cpu: 'max' } },
    families: [...stock, 'retpoline'],
  },
];

describe.each(cases)('$image as $environment $with', (request) => {
  it('resolved offline is what the kernel makes of itself, to the last byte of its code', async () => {
    const { image, environment, change, families } = request;
    const { file, kernel } = await subject(image);
    const emulator = createQemu({ cacheFolder: `${inject('kernels').home}/xen` });
    const services = { workspace: await testWorkspace(), emulator };
    const observation = await observe(services, { file, kernel, environment, ...change });

    const resolved = resolveKernel(kernel, observation, { keepTables: true });
    const text = compareText(kernel, resolved.rewritten.payload, observation.memory);
    expect(text.changedAtBoot).toBeGreaterThan(5000);
    const changed = resolved.families.filter((family) => family.changed > 0);
    expect(changed.map(({ family }) => family)).toEqual(expect.arrayContaining([...families]));

    // What kernel code writes by name belongs to no family; only the Xen path has any.
    const direct = directWrites(kernel);
    const differing = text.runs.filter(
      ({ address }) =>
        !direct.some((at) => address >= at.address && address < at.address + at.size),
    );
    expect(differing.map(({ address }) => placeText(kernel.names, address))).toEqual([]);
    if (environment === 'bare') expect(text.different).toBe(0);
  });
});
