import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { putBuiltImage } from '../support/built-images.js';
import type { Parts } from '../unit/compare/kernel-builder.js';
import { startApp, type RunningApp } from './app.js';
import { findings } from './axe.js';

/** axe-core on every screen, in both themes: no serious finding. */

let app: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-axe-'));
  const home = join(folder, 'lab');
  const workspace = await openWorkspace(home);
  const parts = (bytes: number[]): Parts => ({
    '.text': [
      { name: 'one', bytes },
      { name: 'two', bytes: [0xc3] },
    ],
  });
  await putBuiltImage(workspace, { flavour: 'native', parts: parts([0x9c, 0x58, 0xc3]) });
  await putBuiltImage(workspace, { flavour: 'xen', parts: parts([0x31, 0xc0, 0xc3]), xen: true });
  await workspace.close();
  app = await startApp({ home });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

test('every screen', async () => {
  const { page } = app;
  const screens = page.getByRole('navigation', { name: 'Screens' }).getByRole('button');
  const found: Record<string, string[]> = {};
  for (const screen of await screens.all()) {
    await screen.click();
    await page.waitForTimeout(300);
    const wrong = await findings(app.page);
    if (wrong.length > 0) found[(await screen.getAttribute('aria-label')) ?? ''] = wrong;
  }
  expect(found).toEqual({});
});

test('an image with its details, and the dialog that builds kernels', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Images', exact: true }).click();
  await page.getByRole('gridcell', { name: 'xen-6.1.0' }).click();
  await page.getByRole('tab', { name: 'Setup header' }).waitFor();
  expect(await findings(app.page)).toEqual([]);
  for (const tab of ['Size', 'Entries', 'Sections', 'Notes', 'Build']) {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    if (tab === 'Size') await page.getByRole('grid', { name: 'Parts of vmlinux' }).waitFor();
    expect(await findings(app.page), tab).toEqual([]);
  }
  await page.getByRole('button', { name: 'Build...', exact: true }).click();
  await page.getByRole('checkbox', { name: /^xen/ }).waitFor();
  await page.getByRole('button', { name: 'Write one...' }).click();
  await page.getByRole('button', { name: 'Write it' }).click();
  await page.getByLabel('mine.config', { exact: true }).fill('CONFIG_SMP = y\n');
  await page.getByText(/^line 1 is not/).waitFor();
  expect(await findings(app.page)).toEqual([]);
  await page.keyboard.press('Escape');
});

test('a function side by side, the map, the folders, the sizes', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Merge', exact: true }).first().click();
  await page.getByRole('gridcell', { name: 'one', exact: true }).click();
  await page.getByRole('region', { name: 'Disassembly side by side' }).waitFor();
  expect(await findings(app.page)).toEqual([]);
  for (const tab of ['Map', 'Where', 'Sizes']) {
    await page.getByRole('tab', { name: tab }).click();
    expect(await findings(app.page)).toEqual([]);
  }
});

test('the keys and About', async () => {
  const { page } = app;
  await page.keyboard.press('F1');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  expect(await findings(app.page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox', { name: 'Command' }).fill('about');
  expect(await findings(app.page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page
    .getByRole('dialog', { name: 'About Kernel Boot Lab' })
    .getByText(/^svelte \d/)
    .waitFor();
  expect(await findings(app.page)).toEqual([]);
  await page.keyboard.press('Escape');
});

test('Settings, once the machine was looked at', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByTestId('boot-file-qemu').waitFor();
  await page.getByRole('cell', { name: 'qemu', exact: true }).waitFor();
  expect(await findings(app.page)).toEqual([]);
});

test('nothing moves for those who asked for less motion', async () => {
  await app.page.emulateMedia({ reducedMotion: 'reduce' });
  const moving = await app.page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element);
        return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
      }).length,
  );
  expect(moving).toBe(0);
});
