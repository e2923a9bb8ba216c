import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeWithBuiltKernel } from '../support/app-kernels.js';
import { startApp, type RunningApp } from './app.js';

/** A real kernel that Xen can boot: a boot on the bare machine takes some ten seconds. */
const patience = 240_000;

let app: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-patch-'));
  const home = join(folder, 'lab');
  await homeWithBuiltKernel(home, 'xen');
  app = await startApp({ home });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const figure = (text: string | null | undefined): number => Number(text?.replaceAll(',', ''));

test('lists the sites of a kernel and filters them by family and text', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Patch', exact: true }).click();
  const grid = page.getByRole('grid', { name: 'Patch sites' });
  await grid.getByRole('gridcell').first().waitFor({ timeout: 40_000 });
  const all = Number(await grid.getAttribute('aria-rowcount'));
  const button = page.getByRole('button', { name: /^paravirt [\d,]+$/ });
  const entries = figure((await button.textContent())?.split(' ')[1]);
  expect(entries).toBeGreaterThan(1000);
  await button.click();
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(entries + 1));
  expect(all).toBeGreaterThan(entries + 1);
  await page.getByText('not observed on this target').waitFor();
  await page.getByRole('searchbox', { name: 'Filter sites' }).fill('write_cr3');
  await expect
    .poll(async () => Number(await grid.getAttribute('aria-rowcount')))
    .toBeLessThan(entries);
  await grid
    .getByRole('gridcell', { name: /pv_ops\.mmu\.write_cr3/ })
    .first()
    .waitFor();
});

test(
  'patches it for the bare machine, and proves the text equal',
  { timeout: patience },
  async () => {
    const { page } = app;
    await page.getByRole('button', { name: 'Patch', exact: true }).last().click();
    await page.getByRole('button', { name: 'Cancel this job' }).waitFor();
    await app.picture('patch-running');
    await page.getByRole('status', { name: 'Proof' }).waitFor({ timeout: patience });
    const proof = await page.getByRole('status', { name: 'Proof' }).textContent();
    expect(proof).toMatch(/Equal, byte for byte/);
    const row = page
      .getByRole('table', { name: 'What became of each family' })
      .getByRole('row', { name: /^paravirt/ });
    const cells = await row.getByRole('cell').allTextContents();
    expect(figure(cells[1])).toBeGreaterThan(1000);
    expect(figure(cells[3])).toBeGreaterThan(1000);
    await app.picture('patch-result');
    await page.getByRole('button', { name: 'Show it in Images' }).click();
    await page.getByRole('heading', { name: /^xen-.*-for-bare$/ }).waitFor();
    await page.getByRole('button', { name: 'Patch', exact: true }).click();
  },
);

test('a family that is left out differs, and is named', { timeout: patience }, async () => {
  const { page } = app;
  await page.getByRole('checkbox', { name: 'smp-lock' }).uncheck();
  await page.getByRole('button', { name: 'Patch', exact: true }).last().click();
  await page.getByRole('heading', { name: /^xen-.*-for-bare-2$/ }).waitFor({ timeout: patience });
  const proof = page.getByRole('status', { name: 'Proof' });
  expect(await proof.textContent()).toMatch(/[\d,]+ bytes differ, of .*smp-lock/s);
  expect(
    await page
      .getByRole('table', { name: 'What became of each family' })
      .getByRole('row', { name: /^smp-lock/ })
      .count(),
  ).toBe(0);
  await app.picture('patch-partial');
  await page.getByRole('checkbox', { name: 'smp-lock' }).check();
});

test('then tells what each site becomes, and lists its function before and after', async () => {
  const { page } = app;
  await page.getByRole('tab', { name: 'Sites' }).click();
  const grid = page.getByRole('grid', { name: 'Patch sites' });
  await grid
    .getByRole('gridcell', { name: /mov %rdi,%cr3/ })
    .first()
    .click({ timeout: 40_000 });
  const code = page.getByRole('region', { name: 'Function before and after' });
  await code.locator('.opened').waitFor();
  const halves = await code.locator('.opened .half').allTextContents();
  expect(halves[0]).toMatch(/call.*pv_ops/);
  expect(halves[1]).toMatch(/mov +%rdi,%cr3/);
  await app.picture('patch-function');
  await page.getByRole('searchbox', { name: 'Filter sites' }).fill('');
  await page.getByRole('button', { name: 'Close the listing' }).click();
  await app.picture('patch-sites');
});

test('observing explains every change, family by family', { timeout: patience }, async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Observe' }).click();
  const explained = page.getByRole('status', { name: 'Explained' });
  await explained.waitFor({ timeout: patience });
  expect(await explained.textContent()).toMatch(/Every change is explained/);
  const table = page.getByRole('table', { name: 'Changed code by family' });
  const bytes = await table
    .getByRole('row')
    .evaluateAll((rows) =>
      rows.slice(1).map((row) => Number(row.children[3]?.textContent.replaceAll(',', ''))),
    );
  const sum = bytes.pop();
  expect(sum).toBeGreaterThan(10_000);
  expect(bytes.reduce((one, two) => one + two, 0)).toBe(sum);
  await app.picture('patch-changes');
});
