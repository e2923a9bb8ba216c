import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type RunningApp } from './app.js';

/** The build dialog up to where a build would begin; what is wrong keeps it from that. */

let app: RunningApp;
let folder: string;
let dialog: Locator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  app = await startApp();
  dialog = app.page.getByRole('dialog', { name: 'Build kernels' });
  await app.page.getByRole('button', { name: 'Build...', exact: true }).click();
  await dialog.getByRole('checkbox', { name: 'native' }).waitFor();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const fragments = (): Promise<string[]> =>
  dialog.getByRole('list', { name: 'Fragments' }).locator('.mono').allInnerTexts();
const build = (): Locator => dialog.getByRole('button', { name: 'Build', exact: true });

/** Writes fragments and chooses them, in one dialog. */
async function add(files: Readonly<Record<string, string>>): Promise<void> {
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
  await app.electron.evaluate(({ dialog: dialogs }, filePaths) => {
    dialogs.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
  }, paths);
  await dialog.getByRole('button', { name: 'Add kconfig fragments...' }).click();
  await expect.poll(fragments).toEqual(expect.arrayContaining(Object.keys(files)));
}

async function jobs(): Promise<number> {
  return app.page.getByRole('button', { name: /^Cancel Build/ }).count();
}

test('fragments are named in the order they are merged in, and can be taken out', async () => {
  await add({ 'debug.config': 'CONFIG_DEBUG_INFO=y\n', 'small.config': 'CONFIG_SMP=n\n' });
  await add({ 'broken.config': 'CONFIG_PRINTK=y\nCONFIG_HZ = 100\n' });
  expect(await fragments()).toEqual(['debug.config', 'small.config', 'broken.config']);
  await dialog.getByRole('button', { name: 'Remove small.config' }).click();
  expect(await fragments()).toEqual(['debug.config', 'broken.config']);
});

test('a line that is no option is told with its place, in the dialog, before anything is built', async () => {
  await build().click();
  const alert = dialog.getByRole('alert');
  await alert.getByText('build-fragment-syntax').waitFor();
  expect(await alert.innerText()).toMatch(/CONFIG_HZ = 100/);
  expect(await alert.innerText()).toMatch(/broken\.config/);
  await app.picture('build-refused');
  expect(await jobs()).toBe(0);
  // What was chosen is still there, to be put right.
  expect(await fragments()).toEqual(['debug.config', 'broken.config']);
});

test('a fragment that is gone since it was chosen is told as well', async () => {
  await dialog.getByRole('button', { name: 'Remove broken.config' }).click();
  rmSync(join(folder, 'debug.config'));
  await build().click();
  await dialog.getByRole('alert').getByText('file-missing').waitFor();
  expect(await jobs()).toBe(0);
});

test('a fragment is written in the dialog, judged by line, and kept in the workspace', async () => {
  await dialog.getByRole('button', { name: 'Remove debug.config' }).click();
  await dialog.getByRole('button', { name: 'Write one...' }).click();
  await dialog.getByLabel('Name of the fragment').fill('bad/name');
  await dialog.getByRole('button', { name: 'Write it' }).click();
  await dialog.getByRole('alert').getByText('build-fragment-name').waitFor();
  await dialog.getByLabel('Name of the fragment').fill('small');
  await dialog.getByLabel('Name of the fragment').press('Enter');
  const text = dialog.getByLabel('small.config', { exact: true });
  await text.fill('CONFIG_PRINTK=y\n\nCONFIG_HZ = 100\n');
  await dialog.getByText(/^line 3 is not a kconfig option: CONFIG_HZ = 100/).waitFor();
  expect(await text.getAttribute('aria-invalid')).toBe('true');
  await app.picture('fragment-editor');
  const file = join(app.home, 'fragments', 'small.config');
  expect(readFileSync(file, 'utf8')).toContain('CONFIG_HZ = 100');
  await text.fill('CONFIG_PRINTK=y\nCONFIG_NR_CPUS=4\n');
  await dialog.getByText('2 options; kept in the workspace as you type').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
  expect(readFileSync(file, 'utf8')).toBe('CONFIG_PRINTK=y\nCONFIG_NR_CPUS=4\n');
  expect(await fragments()).toEqual(['small.config']);
});

test('a fragment that was written is there again, and its deletion can be taken back', async () => {
  const file = join(app.home, 'fragments', 'small.config');
  await dialog.getByRole('button', { name: 'Remove small.config' }).click();
  expect(existsSync(file)).toBe(true);
  await dialog.getByLabel('Add a fragment that you wrote').selectOption('small');
  await dialog.getByRole('button', { name: 'Delete small.config from the workspace' }).click();
  await expect.poll(() => existsSync(file)).toBe(false);
  await dialog.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('CONFIG_PRINTK=y\nCONFIG_NR_CPUS=4\n');
  expect(await fragments()).toEqual(['small.config']);
});

test('nothing is built of no flavour, nor by a number of jobs out of range', async () => {
  await dialog.getByRole('spinbutton', { name: 'Jobs' }).fill('0');
  expect(
    await dialog
      .getByRole('spinbutton')
      .evaluate((input: HTMLInputElement) => input.validity.valid),
  ).toBe(false);
  await build().click();
  expect(await jobs()).toBe(0);
  await dialog.getByRole('spinbutton').fill('');
  for (const box of await dialog.getByRole('checkbox').all()) await box.uncheck();
  expect(await build().isDisabled()).toBe(true);
});

test('the buttons of the activity bar tell their name and shortcut', async () => {
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  const buttons = await app.page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('button')
    .all();
  expect(buttons.length).toBeGreaterThan(0);
  for (const [i, button] of buttons.entries()) {
    const name = await button.getAttribute('aria-label');
    expect(await button.getAttribute('title')).toBe(`${name} (Ctrl+${i + 1})`);
  }
});

test('the buttons of an empty lab stand in one line', async () => {
  const start = app.page.getByRole('button', {
    name: /^(Run the standard|Build kernels|Import a kernel)/,
  });
  expect(await start.count()).toBe(3);
  await app.picture('empty-lab');
  const tops = await Promise.all((await start.all()).map((one) => one.boundingBox()));
  expect(new Set(tops.map((box) => box?.y)).size).toBe(1);
});
