import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeWithBuiltKernel } from '../support/app-kernels.js';
import { startApp, type RunningApp } from './app.js';

/** What a real kernel's size is made of, as the app shows it. */

let app: RunningApp;
let folder: string;
let map: Locator;
let told: Locator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-size-'));
  const home = join(folder, 'lab');
  await homeWithBuiltKernel(home, 'native');
  app = await startApp({ home });
  const { page } = app;
  map = page.getByRole('application', { name: /^Sizes as areas/ });
  told = page.getByRole('status').filter({ hasText: / of |Arrows/ });
  await page.getByRole('gridcell', { name: /^native-6/ }).click();
  await page.getByRole('tab', { name: 'Size', exact: true }).click();
  await map.waitFor({ timeout: 40_000 });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const place = (): Locator => app.page.getByRole('navigation', { name: 'Place in the kernel' });
const parts = (of: string): Locator => app.page.getByRole('grid', { name: `Parts of ${of}` });
const bytesOf = async (locator: Locator): Promise<number> =>
  Number(/([\d,]+) bytes/.exec(await locator.innerText())?.[1]?.replaceAll(',', ''));

/** Sizes of every part in the table. */
async function sizesOf(grid: Locator): Promise<number[]> {
  const rows = await grid
    .getByRole('row')
    .filter({ has: app.page.getByRole('gridcell') })
    .all();
  return Promise.all(
    rows.map(async (row) =>
      Number((await row.getByRole('gridcell').nth(2).innerText()).replaceAll(',', '')),
    ),
  );
}

test('the parts of a kernel are its folders, and add up to it', async () => {
  await parts('vmlinux').getByRole('gridcell', { name: 'drivers', exact: true }).waitFor();
  await app.picture('size');
  await parts('vmlinux').getByRole('gridcell', { name: 'init', exact: true }).dblclick();
  const grid = parts('init');
  await grid.getByRole('gridcell', { name: 'main.o', exact: true }).waitFor();
  const sizes = await sizesOf(grid);
  expect(sizes.length + 1).toBe(Number(await grid.getAttribute('aria-rowcount')));
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(await bytesOf(place()));
  await place().getByRole('button', { name: 'vmlinux', exact: true }).click();
});

test('the keyboard leads from tile to tile, in and out', async () => {
  await map.focus();
  await app.page.keyboard.press('ArrowRight');
  const first = await told.innerText();
  expect(first).toMatch(/^.+: [\d,]+ bytes, [\d.]+ % of vmlinux$/);
  await app.page.keyboard.press('ArrowRight');
  await expect.poll(() => told.innerText()).not.toBe(first);
  const name = (await told.innerText()).split(':')[0]!;
  await app.page.keyboard.press('Enter');
  await expect.poll(() => place().innerText()).toContain(name.split('/').at(-1));
  await app.page.keyboard.press('Backspace');
  await parts('vmlinux').waitFor();
  expect(await told.innerText()).toContain(name);
});

test('the table leads down to a function, and the trail back up', async () => {
  for (const [of, part] of [
    ['vmlinux', 'kernel'],
    ['kernel', 'sched'],
    ['sched', 'core.o'],
  ] as const) {
    await parts(of).getByRole('gridcell', { name: part, exact: true }).dblclick();
  }
  const grid = parts('core.o');
  const row = grid.getByRole('row').filter({ hasText: 'function' }).first();
  const name = await row.getByRole('gridcell').first().innerText();
  await row.click();
  await expect.poll(() => told.innerText()).toContain(`kernel/sched/core.o/${name}: `);
  await app.picture('size-functions');
  await place().getByRole('button', { name: 'sched', exact: true }).click();
  await parts('sched').waitFor();
  await place().getByRole('button', { name: 'vmlinux', exact: true }).click();
  await parts('vmlinux').waitFor();
});

test('a click chooses a tile, a double click goes into it', async () => {
  const box = (await map.boundingBox())!;
  await map.click({ position: { x: 20, y: box.height - 20 } });
  await expect.poll(() => told.innerText()).toMatch(/ bytes, /);
  await map.dblclick({ position: { x: 20, y: 6 } });
  await expect.poll(() => place().getByRole('button').count()).toBe(1);
  await place().getByRole('button', { name: 'vmlinux', exact: true }).click();
});

test('what counts can be chosen: only code, or memory that no file holds', async () => {
  const { page } = app;
  const before = await bytesOf(place());
  const bss = page.getByRole('button', { name: /^bss [\d,]+$/ });
  const size = Number((await bss.innerText()).replace(/\D/g, ''));
  await bss.click();
  await expect.poll(() => bytesOf(place())).toBe(before + size);
  await bss.click();
  for (const kind of [/^data/, /^read-only data/]) {
    await page.getByRole('button', { name: kind }).click();
  }
  const code = page.getByRole('button', { name: /^code [\d,]+$/ });
  const onlyCode = Number((await code.innerText()).replace(/\D/g, ''));
  await expect.poll(() => bytesOf(place())).toBe(onlyCode);
  // The last one stays: a map of nothing helps nobody.
  await code.click();
  expect(await code.getAttribute('aria-pressed')).toBe('true');
  await page.getByLabel('Group by').selectOption('section');
  await parts('vmlinux').getByRole('gridcell', { name: '.text', exact: true }).waitFor();
});

test('it is said how much of the kernel is told, and what is not', async () => {
  const { page } = app;
  const summary = page.getByText(/% of what is no padding has an object file$/);
  await summary.click();
  await page.getByText(/every one counted once/).waitFor();
  await app.picture('size-about');
});

test('entries, sections and notes of the kernel, and how it was built', async () => {
  const { page } = app;
  await page.getByRole('tab', { name: 'Entries' }).click();
  await page.getByRole('gridcell', { name: 'protected mode, 32-bit' }).waitFor();
  await page.getByRole('tab', { name: 'Sections' }).first().click();
  await page.getByRole('gridcell', { name: '.init.text', exact: true }).waitFor();
  await app.picture('sections');
  await page.getByRole('tab', { name: 'Notes' }).click();
  await page.getByRole('gridcell', { name: 'NT_GNU_BUILD_ID' }).waitFor();
  await page.getByRole('tab', { name: 'Build', exact: true }).click();
  await page.getByRole('button', { name: 'Copy the commands' }).click();
  const copied = await app.electron.evaluate(({ clipboard }) => clipboard.readText());
  expect(copied).toMatch(/^kernel_make olddefconfig$/m);
  await app.picture('build-record');
});

test('the list says where each image boots and of which configuration it is', async () => {
  const list = app.page.getByRole('grid', { name: 'Images' });
  await list.getByRole('gridcell', { name: 'bare', exact: true }).waitFor();
  await list.getByRole('gridcell', { name: /^[0-9a-f]{8}$/ }).waitFor();
});
