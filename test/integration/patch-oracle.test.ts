import { describe, expect, it } from 'vitest';
import { defaultMachine } from '../../engine/boot/index.js';
import { placeText } from '../../engine/kernel/names.js';
import { observe, type ObserveRequest } from '../../engine/patch/observe/index.js';
import { resolveKernel } from '../../engine/patch/resolve.js';
import { compareText } from '../../engine/patch/text-comparison.js';
import type { FamilyName } from '../../engine/patch/types.js';
import { patchSubject } from '../support/patch-kernel.js';
import { sharedWorkspace } from '../support/shared-workspace.js';

interface Case {
  image: 'native' | 'xen' | 'stock';
  environment: 'bare' | 'xen-pv-dom0';
  /** What makes it another machine than the default. */
  with: string;
  change?: Pick<ObserveRequest, 'append' | 'machine'>;
  /** Families some of whose sites must come out changed. */
  families: readonly FamilyName[];
}

const lab: readonly FamilyName[] = ['alternative', 'smp-lock', 'static-call', 'static-key'];
const stock: readonly FamilyName[] = [...lab, 'paravirt', 'return', 'ftrace'];

const cases: readonly Case[] = [
  { image: 'native', environment: 'bare', with: '', families: lab },
  { image: 'xen', environment: 'bare', with: '', families: [...lab, 'paravirt'] },
  { image: 'xen', environment: 'xen-pv-dom0', with: '', families: [...lab, 'paravirt'] },
  { image: 'stock', environment: 'bare', with: '', families: stock },
  {
    ...{ image: 'stock', environment: 'bare', with: ', no retpolines and the most features' },
    change: { append: 'spectre_v2=off', machine: { ...defaultMachine, cpu: 'max' } },
    families: [...stock, 'retpoline'],
  },
];

describe.each(cases)('$image as $environment$with', (request) => {
  it('resolved offline is what the kernel makes of itself, to the last byte of its code', async () => {
    const { image, environment, change, families } = request;
    const { file, kernel } = await patchSubject(image);
    const services = await sharedWorkspace();
    const observation = await observe(services, { file, kernel, environment, ...change });

    const resolved = resolveKernel(kernel, observation, { keepTables: true });
    const text = compareText(kernel, resolved.rewritten.payload, observation.memory);
    expect(text.changedAtBoot).toBeGreaterThan(5000);
    const changed = resolved.families.filter((family) => family.changed > 0);
    expect(changed.map(({ family }) => family)).toEqual(expect.arrayContaining([...families]));

    expect(text.runs.map(({ address }) => placeText(kernel.names, address))).toEqual([]);
    // Only the Xen path has code that the kernel rewrites by name: it belongs to no family.
    expect(text.byName).toBe(environment === 'bare' ? 0 : 4);
  });
});
