import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeWithKernels } from '../support/app-kernels.js';
import {
  packageFolder,
  processTree,
  rootSwitches,
  runForge,
  startPackaged,
  type PackagedApp,
} from './packaged.js';

/** The package as users get it, with the bundle: what is in it, that it starts, that it boots a kernel. */

const patience = 150_000;
const binary = join(packageFolder, 'kernel-boot-lab');
const resources = join(packageFolder, 'resources');
const bundle = join(resources, 'bundle');
const scratch = mkdtempSync(join(tmpdir(), 'kbl-package-'));

let app: PackagedApp;
let page: Page;
beforeAll(async () => {
  runForge('package', '--bundle');
  await homeWithKernels(join(scratch, 'lab'));
  app = await startPackaged(binary, { folder: scratch, switches: rootSwitches });
  ({ page } = app);
}, patience);
afterAll(async () => {
  await app.close();
  rmSync(scratch, { recursive: true, force: true });
});

test('its window opens, and a thread of its engine host unpacks a kernel', async () => {
  expect(page.url()).toBe('app://lab/index.html');
  await page.getByRole('gridcell', { name: 'native', exact: true }).first().click();
  await page.getByRole('tab', { name: 'Setup header' }).click();
  await page.getByRole('gridcell', { name: 'setup_sects', exact: true }).waitFor();
});

test('what compilers and make read is beside the archive', async () => {
  for (const file of ['engine/native/multi', 'images/flavours.json', 'LICENSE', 'app.asar']) {
    expect(existsSync(join(resources, file)), file).toBe(true);
  }
  await page.getByRole('button', { name: 'Build...', exact: true }).click();
  await page.getByRole('checkbox', { name: /^xen/ }).waitFor();
  await page.keyboard.press('Escape');
});

test('each file of the bundle has its licences and says where its source is', () => {
  const sources = readFileSync(join(bundle, 'SOURCES.txt'), 'utf8');
  for (const source of ['qemu', 'xen', 'edk2', 'busybox', 'seabios']) {
    expect(sources).toMatch(new RegExp(`^  get   apt-get source ${source}=\\d`, 'm'));
  }
  const packages = [...sources.matchAll(/^ {2}for {3}(\S+)/gm)].map(([, name]) => name!);
  expect(packages.length).toBeGreaterThan(30);
  for (const name of packages) {
    const { size } = statSync(join(bundle, 'usr/share/doc', name, 'copyright'));
    expect(size, name).toBeGreaterThan(100);
  }
  expect(existsSync(join(bundle, 'usr/share/common-licenses/GPL-2'))).toBe(true);
});

test('the bundle is preferred to what is installed', async () => {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  for (const file of ['qemu', 'xen', 'ovmf']) {
    await page.getByTestId(`boot-file-${file}`).getByText('came with the app').waitFor();
  }
});

test(
  'the bundled emulator boots a kernel, with nothing but the C library of this machine',
  {
    timeout: patience,
  },
  async () => {
    await page.getByRole('button', { name: 'Images', exact: true }).click();
    await page.getByRole('gridcell', { name: 'native', exact: true }).first().click();
    await page.getByRole('button', { name: 'Boot...' }).click();
    await page.getByRole('button', { name: 'Boot', exact: true }).click();
    const pane = page.locator('[data-side=all]');
    await pane.locator('.xterm-rows').getByText('guest#').first().waitFor({ timeout: patience });
    const qemu = processTree(app.pid).filter(({ executable }) => executable.startsWith(bundle));
    expect(qemu).toHaveLength(1);
    const maps = readFileSync(`/proc/${qemu[0]!.pid}/maps`, 'utf8');
    const files = new Set(
      [...maps.matchAll(/^\S+ r-xp \S+ \S+ \S+ +(\/.*)$/gm)].map(([, file]) => file!),
    );
    expect(files).toContain(join(bundle, 'usr/bin/qemu-system-x86_64'));
    // The counter plugin is the lab's own: compiled in its workspace.
    const ours = [bundle, join(scratch, 'lab')];
    const foreign = [...files].filter((file) => !ours.some((folder) => file.startsWith(folder)));
    const isLibc = /\/(libc\.so\.6|libm\.so\.6|ld-linux-x86-64\.so\.2)$/;
    expect(foreign.filter((file) => !isLibc.test(file))).toEqual([]);
    await pane.getByRole('button', { name: 'Stop', exact: true }).click();
  },
);

test('it has its fuses set', async () => {
  const wire = await getCurrentFuseWire(binary);
  // Digits in the binary.
  const state = (fuse: number | undefined): string => String.fromCharCode(fuse ?? 0);
  const off = [
    FuseV1Options.RunAsNode,
    FuseV1Options.EnableNodeOptionsEnvironmentVariable,
    FuseV1Options.EnableNodeCliInspectArguments,
  ];
  for (const fuse of off) expect(state(wire[fuse])).toBe('0');
  expect(state(wire[FuseV1Options.OnlyLoadAppFromAsar])).toBe('1');
});

test('it holds nothing of this machine and no development package', () => {
  const archive = readFileSync(join(resources, 'app.asar'));
  const header = archive.toString('utf8', 16, 16 + archive.readUInt32LE(12));
  const { files } = JSON.parse(header) as Tree;
  expect(Object.keys(files).sort()).toEqual([
    'dist',
    'dist-renderer',
    'node_modules',
    'package.json',
  ]);
  const packages = Object.keys(files['node_modules']!.files ?? {});
  expect(packages).toContain('sqlite3');
  for (const name of ['electron', 'vite', 'typescript', '@types'])
    expect(packages).not.toContain(name);
});

interface Tree {
  files: Record<string, Partial<Tree>>;
}
