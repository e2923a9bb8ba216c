import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultMachine } from '../../engine/boot/index.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { imageBooter, type BootedImage } from '../support/boot-image.js';
import { bootLoader, type LoaderPlan } from '../support/boot-loader.js';
import { testKernel } from '../support/kernels.js';
import { randomData } from '../support/random-data.js';
import { stubImage } from '../support/stub-image.js';
import { tinyInitrd } from '../support/tiny-guest.js';

/**
 * The boot stub started by a loader that puts things where they are in the way
 * (test/support/boot-loader.c). QEMU's own loads to 1 MB and starts at the
 * 16-bit entry.
 */

const root = mkdtempSync(join(tmpdir(), 'kbl-stub-'));
const boot = imageBooter(root);
const megabyte = 2 ** 20;
const { data, hash } = randomData(3 * megabyte);
const kernel = join(root, 'merged');
const initrd = tinyInitrd(root, 'hash', data);

beforeAll(async () => {
  const workspace = await openWorkspace(join(root, 'home'));
  try {
    const flavours = { native: testKernel('native').bzImage, xen: testKernel('xen').bzImage };
    writeFileSync(kernel, await stubImage(workspace, { flavours, fallback: 'native' }));
  } finally {
    await workspace.close();
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const far = 448 * megabyte;

/** The page from which nothing below an address is left. */
function page(address: number): number {
  return Math.ceil(address / 4096) * 4096;
}

async function load(plan: Plan, cpu = defaultMachine.cpu): Promise<BootedImage> {
  const machine = { ...defaultMachine, cpu, memory: 512 };
  const append = 'kbl.flavour=native last=word';
  const loader = bootLoader(root, { kernel, initrd }, plan(statSync(kernel).size));
  return boot(loader, { machine, append });
}

/** Where things go, for a file of some size. */
type Plan = (size: number) => LoaderPlan;

describe('the boot stub', () => {
  const plans: [string, Plan, cpu?: string][] = [
    [
      'at its 32-bit entry, where the kernel will be',
      () => ({ entry: 32, kernelAt: 16 * megabyte, initrdAt: far, setupDataAt: 60 * megabyte }),
    ],
    [
      'at its 64-bit entry, where the kernel will be',
      () => ({ entry: 64, kernelAt: 16 * megabyte, initrdAt: far }),
    ],
    [
      'at its 64-bit entry with 5-level paging, far above',
      () => ({ entry: 64, levels: 5, kernelAt: 256 * megabyte + 4096, initrdAt: far }),
      'max',
    ],
    [
      'so that only its end lies where the kernel will be',
      (size) => ({ entry: 32, kernelAt: page(16 * megabyte - size / 2), initrdAt: far }),
    ],
    [
      'in the midst of where the kernel will be',
      () => ({ entry: 32, kernelAt: 20 * megabyte, initrdAt: far }),
    ],
    [
      'with all that must survive right behind it',
      (size) => {
        const behind = page(128 * megabyte + size);
        return {
          ...{ entry: 32, kernelAt: 128 * megabyte, commandLineAt: behind },
          ...{ bootParamsAt: behind + 4096, setupDataAt: behind + 2 * 4096 },
          initrdAt: behind + 3 * 4096,
        };
      },
    ],
  ];
  it.each(plans)('starts %s', async (_, plan, cpu) => {
    const { outcome, text } = await load(plan, cpu);
    expect(text).toMatch(/^kbl: flavour native \(kbl\.flavour=\)\r\n/);
    expect(text).toMatch(/Command line: .* last=word\r\n/);
    expect(text).toContain(`data ${hash}`);
    expect(outcome).toBe('completed');
  });

  it('puts the kernel elsewhere when the initramfs lies in its place', async () => {
    const { outcome, text } = await load(() => ({
      ...{ entry: 64, kernelAt: 256 * megabyte, initrdAt: 17 * megabyte },
      ...{ commandLineAt: 1 * megabyte, bootParamsAt: 2 * megabyte, setupDataAt: 40 * megabyte },
    }));
    expect(text).toContain(`data ${hash}`);
    expect(outcome).toBe('completed');
  });
});
