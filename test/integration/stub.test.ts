import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQemu, defaultMachine } from '../../engine/boot/index.js';
import { findSection, memorySource, readElf } from '../../engine/elf/index.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { bootRequest, imageBooter } from '../support/boot-image.js';
import { testKernel } from '../support/kernels.js';
import { randomData } from '../support/random-data.js';
import { stockKernel } from '../support/stock-kernel.js';
import { repacked, stubImage } from '../support/stub-image.js';
import { tinyInitrd } from '../support/tiny-guest.js';

const root = mkdtempSync(join(tmpdir(), 'kbl-stub-'));
const boot = imageBooter(root);
const native = testKernel('native').bzImage;
const xen = testKernel('xen').bzImage;
const megabyte = 2 ** 20;

let workspace: Awaited<ReturnType<typeof openWorkspace>>;
let merged: Uint8Array;

beforeAll(async () => {
  workspace = await openWorkspace(join(root, 'home'));
  merged = await stubImage(workspace, { flavours: { native, xen }, fallback: 'native' });
});

afterAll(async () => {
  await workspace.close();
  rmSync(root, { recursive: true, force: true });
});

/**
 * The native kernel's text in guest memory when it has booted and patched itself.
 */
async function textInMemory(image: Uint8Array): Promise<Buffer> {
  const request = { ...bootRequest(root, image), initrd: tinyInitrd(root, 'stay') };
  const guest = await createQemu({ cacheFolder: root }).start(request);
  await new Promise<void>((resolve) => {
    let heard = '';
    guest.onConsole((bytes) => {
      heard += Buffer.from(bytes).toString('latin1');
      if (heard.includes('KBL-DONE')) resolve();
    });
  });
  const qmp = await guest.qmp();
  const elf = readElf(memorySource(readFileSync(testKernel('native').vmlinux)));
  const { size } = findSection(elf, '.text')!;
  await qmp.execute('pmemsave', { val: 16 * megabyte, size, filename: 'text' });
  await guest.stop();
  return readFileSync(join(request.folder, 'text'));
}

describe('a multi-image with the boot stub', () => {
  it('boots bare as the default flavour', async () => {
    const { outcome, text } = await boot(merged);
    expect(text).toMatch(/^kbl: flavour native \(default\)\r?\n/);
    expect(outcome).toBe('completed');
  });

  it('boots bare as the flavour that the command line names', async () => {
    const { outcome, text } = await boot(merged, { append: 'kbl.flavour=xen' });
    expect(text).toMatch(/^kbl: flavour xen \(kbl\.flavour=\)\r?\n/);
    expect(outcome).toBe('completed');
  });

  it('says when the command line names no flavour, and boots the default', async () => {
    const { outcome, text } = await boot(merged, { append: 'kbl.flavour=none' });
    expect(text).toMatch(/^kbl: no flavour none; native \(default\)\r?\n/);
    expect(outcome).toBe('completed');
  });

  it('boots the flavour that a rule has for the hypervisor', async () => {
    const rules = { TCGTCGTCGTCG: 'xen' };
    const image = await stubImage(workspace, {
      flavours: { native, xen },
      fallback: 'native',
      rules,
    });
    const { outcome, text } = await boot(image);
    expect(text).toMatch(/^kbl: flavour xen \(hypervisor TCGTCGTCGTCG\)\r?\n/);
    expect(outcome).toBe('completed');
  });

  it('boots as dom0 of Xen, which follows the header to the base', async () => {
    const { outcome, text } = await boot(merged, { environment: 'xen-pv-dom0' });
    expect(text).not.toMatch(/kbl: flavour/);
    expect(outcome).toBe('completed');
  });

  it.each(['xz', 'zstd'] as const)('unpacks a base packed with %s', async (codec) => {
    const flavours = { native, xen: await repacked(xen, codec) };
    const image = await stubImage(workspace, { flavours, fallback: 'native' });
    expect((await boot(image)).outcome).toBe('completed');
    expect((await boot(image, { append: 'kbl.flavour=xen' })).outcome).toBe('completed');
    expect((await boot(image, { environment: 'xen-pv-dom0' })).outcome).toBe('completed');
  });

  it("boots Debian's own kernel, and the lab's rebuilt from it", async () => {
    const image = await stubImage(workspace, {
      flavours: { native, debian: stockKernel() },
      fallback: 'native',
    });
    const debian = await boot(image, { append: 'kbl.flavour=debian' });
    expect(debian.text).toMatch(/Linux version 6\.\d+\.\d+-\d+-amd64 /);
    expect(debian.outcome).toBe('completed');
    const own = await boot(image);
    expect(own.text).toMatch(/^kbl: flavour native/);
    expect(own.outcome).toBe('completed');
  });

  // With 40 MB there is no room above the kernel's address to rebuild it in.
  it.each([64, 40])('boots with %i MB, its initramfs unharmed', async (memory) => {
    const { data, hash } = randomData(4 * megabyte);
    const { outcome, text } = await boot(merged, {
      initrd: tinyInitrd(root, 'hash', data),
      machine: { ...defaultMachine, memory },
    });
    expect(text).toContain(`data ${hash}`);
    expect(outcome).toBe('completed');
  });

  it('has the text in memory that the kernel alone has', async () => {
    const [own, alone] = [await textInMemory(merged), await textInMemory(readFileSync(native))];
    expect(own.length).toBeGreaterThan(4 * megabyte);
    expect(own.equals(alone)).toBe(true);
  });

  it('is the same file when it is made again', async () => {
    const other = await openWorkspace(join(root, 'other home'));
    try {
      const again = await stubImage(other, { flavours: { native, xen }, fallback: 'native' });
      expect(Buffer.compare(again, merged)).toBe(0);
    } finally {
      await other.close();
    }
  });
});
