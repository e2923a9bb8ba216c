import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectPath } from '../../engine/paths.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { putBuiltImage } from '../support/built-images.js';

/** The package as users get it: what is in it, and that it starts. */

const folder = projectPath('out', `Kernel Boot Lab-${process.platform}-${process.arch}`);
const binary = join(folder, 'kernel-boot-lab');
const scratch = mkdtempSync(join(tmpdir(), 'kbl-package-'));

let child: ChildProcess;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  const packed = spawnSync(process.execPath, [projectPath('scripts', 'package.mjs'), 'package'], {
    encoding: 'utf8',
  });
  if (packed.status !== 0) throw new Error(packed.stdout + packed.stderr);
  const workspace = await openWorkspace(join(scratch, 'lab'));
  const parts = { '.text': [{ name: 'f', bytes: [0xc3] }] };
  await putBuiltImage(workspace, { flavour: 'xen', parts, xen: true });
  await workspace.close();
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // Its fuses keep Node's inspector shut, so that the window is reached as a browser is.
  child = spawn(binary, [...switches, '--remote-debugging-port=0'], {
    env: { ...process.env, KBL_HOME: join(scratch, 'lab'), KBL_APP_DATA: join(scratch, 'data') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  browser = await chromium.connectOverCDP(await devtools(child));
  page = browser.contexts()[0]!.pages()[0]!;
}, 120_000);
afterAll(async () => {
  await browser.close();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
  rmSync(scratch, { recursive: true, force: true });
});

/** The address that Chromium prints. */
async function devtools({ stderr }: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: stderr! })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) {
      stderr!.resume();
      return address;
    }
  }
  throw new Error('the packaged app ended before it had a window');
}

test('its window opens, and a thread of its engine host unpacks a kernel', async () => {
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  expect(page.url()).toBe('app://lab/index.html');
  await page.getByRole('gridcell', { name: 'xen-6.1.0' }).click();
  await page.getByRole('tab', { name: 'Setup header' }).click();
  await page.getByRole('gridcell', { name: 'setup_sects', exact: true }).waitFor();
});

test('what compilers and make read is beside the archive', async () => {
  const resources = join(folder, 'resources');
  for (const file of ['engine/native/multi', 'images/flavours.json', 'LICENSE', 'app.asar']) {
    expect(existsSync(join(resources, file)), file).toBe(true);
  }
  await page.getByRole('button', { name: 'Build...', exact: true }).click();
  await page.getByRole('checkbox', { name: /^xen/ }).waitFor();
  await page.keyboard.press('Escape');
});

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
  const archive = readFileSync(join(folder, 'resources', 'app.asar'));
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
