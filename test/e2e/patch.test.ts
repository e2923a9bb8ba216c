import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sitesDocument } from '../../engine/contract.js';
import { homeWithBuiltKernel } from '../support/app-kernels.js';
import { startApp, type RunningApp } from './app.js';
import { findings } from './axe.js';

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
  await page.getByText(/What sites become on bare with qemu64 is not known yet/).waitFor();
  await page.getByRole('searchbox', { name: 'Filter sites' }).fill('write_cr3');
  await expect
    .poll(async () => Number(await grid.getAttribute('aria-rowcount')))
    .toBeLessThan(entries);
  await grid
    .getByRole('gridcell', { name: /pv_ops\.mmu\.write_cr3/ })
    .first()
    .waitFor();
  const rows = Number(await grid.getAttribute('aria-rowcount')) - 1;
  expect(await page.getByRole('status', { name: 'Shown' }).textContent()).toBe(
    `${rows} of ${(all - 1).toLocaleString('en')} entries`,
  );
});

test('saves every site where the user says, as a table and as a document', async () => {
  const { electron, page } = app;
  const save = async (format: string): Promise<string> => {
    const file = join(folder, `sites.${format.toLowerCase()}`);
    await electron.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, file);
    await page.getByRole('button', { name: format, exact: true }).click();
    await page.getByText(`Saved sites.${format.toLowerCase()}`).waitFor({ timeout: 40_000 });
    return readFileSync(file, 'utf8');
  };
  const [head, ...rows] = (await save('CSV')).trimEnd().split('\r\n');
  expect(head).toMatch(/^address,place,family,subject,bytes,instruction/);
  const document = sitesDocument.parse(JSON.parse(await save('JSON')));
  expect(document.rows).toHaveLength(rows.length);
  expect(document.rowsLeft).toBe(0);
  expect(rows.length).toBeGreaterThan(5000);
});

test('compares the table with what relocations find', async () => {
  const { page } = app;
  await page.getByRole('tab', { name: 'Relocations' }).click();
  const figures = page.getByRole('table', { name: 'Sites from relocations' });
  await figures.waitFor({ timeout: 40_000 });
  const [fields, entries, both, only, outside] = (
    await figures.getByRole('cell').allTextContents()
  ).map(figure);
  expect(both! + only!).toBe(entries);
  expect(both! + outside!).toBe(fields);
  await app.picture('patch-relocations');
  expect(await findings(app.page)).toEqual([]);
  await page.getByRole('tab', { name: 'Sites' }).click();
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
    expect(await findings(app.page)).toEqual([]);
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
  expect(await proof.textContent()).toMatch(
    /Equal, byte for byte.* but for [\d,]+ in sites that are left to the kernel.*Left to the kernel: smp-lock/s,
  );
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

test('a function that is left to the kernel stays as it was', { timeout: patience }, async () => {
  const { page } = app;
  await page.getByRole('searchbox', { name: 'Filter sites' }).fill('__schedule+0x');
  await page
    .getByRole('gridcell', { name: /^__schedule\+0x/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'all of __schedule' }).click();
  const word = page.getByLabel('Function or site that is left to the kernel');
  await word.fill('no_such_function');
  await word.press('Enter');
  await page.getByText(/This kernel has no site by that name/).waitFor();
  await word.fill('');
  await app.picture('patch-leave');
  expect(await findings(app.page)).toEqual([]);
  await page.getByRole('button', { name: 'Patch', exact: true }).last().click();
  await page.getByRole('heading', { name: /^xen-.*-for-bare-3$/ }).waitFor({ timeout: patience });
  const proof = await page.getByRole('status', { name: 'Proof' }).textContent();
  expect(proof).toMatch(/Equal, byte for byte.*Left to the kernel: __schedule\./s);
  const table = page.getByRole('table', { name: 'What became of each family' });
  const row = await table.getByRole('row', { name: /^alternative/ }).textContent();
  expect(row).toMatch(/applies \d+ entries.*__schedule\+0x/);
  await page.getByRole('button', { name: 'Take __schedule back' }).click();
  await page.getByRole('tab', { name: 'Sites' }).click();
  await page.getByRole('searchbox', { name: 'Filter sites' }).fill('');
  await page.getByRole('button', { name: 'Close the listing' }).click();
});

test('counts loads, and makes those of a variable immediates', { timeout: patience }, async () => {
  const { page } = app;
  await page.getByRole('tab', { name: 'Constants' }).click();
  await page.getByRole('button', { name: /^Count loads on bare/ }).click();
  const grid = page.getByRole('grid', { name: 'Constants' });
  await grid.waitFor({ timeout: patience });
  await page.getByRole('searchbox', { name: 'Filter variables' }).fill('d_hash_shift');
  await grid.getByRole('gridcell', { name: 'd_hash_shift' }).click();
  const loads = page.getByRole('grid', { name: 'Loads of d_hash_shift' });
  await loads
    .getByRole('gridcell', { name: /d_hash_shift.*,%ecx/ })
    .first()
    .waitFor();
  await loads
    .getByRole('gridcell', { name: /mov +\$0x[0-9a-f]+,%ecx/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Make its loads immediates' }).click();
  await app.picture('patch-constants');
  expect(await findings(app.page)).toEqual([]);
  await page.getByRole('button', { name: 'Patch', exact: true }).last().click();
  const became = page.getByRole('table', { name: 'What became of variables' });
  await became.waitFor({ timeout: patience });
  const cells = await became
    .getByRole('row', { name: /^d_hash_shift/ })
    .getByRole('cell')
    .all();
  expect(figure(await cells[1]!.textContent())).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Take d_hash_shift back' }).click();
  await page.getByRole('tab', { name: 'Sites' }).click();
});

test('patches it for Xen, and proves it by the memory of dom0', { timeout: patience }, async () => {
  const { page } = app;
  await page.getByLabel('Target').selectOption('xen-pv-dom0');
  await page.getByText(/What sites become on xen-pv-dom0 with qemu64/).waitFor({ timeout: 40_000 });
  await page.getByRole('button', { name: 'Patch', exact: true }).last().click();
  await page.getByRole('heading', { name: /^xen-.*-for-xen$/ }).waitFor({ timeout: patience });
  const proof = await page.getByRole('status', { name: 'Proof' }).textContent();
  expect(proof).toMatch(/Equal, byte for byte.*xen_start_kernel\(\) writes by name/s);
  const table = page.getByRole('table', { name: 'What became of each family' });
  const paravirt = await table.getByRole('row', { name: /^paravirt/ }).textContent();
  expect(paravirt).toMatch(/applies \d+ entries.*pv_ops\.mmu\./);
  await app.picture('patch-dom0');
  await page.getByLabel('Target').selectOption('bare');
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
  expect(await findings(app.page)).toEqual([]);
});
