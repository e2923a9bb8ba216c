import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultMachine } from '../../engine/boot/index.js';
import { workspaceEmulator } from '../../engine/experiment/emulator.js';
import { createExperiment, runExperiment } from '../../engine/experiment/runner.js';
import type { ComparisonDocument } from '../../engine/contract/app/compare.js';
import { toDocument } from '../../engine/report/json.js';
import { loadComparison } from '../../engine/report/load-comparison.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { readWithGnumeric } from '../support/gnumeric.js';
import { checkXml } from '../unit/report/readers.js';
import { startApp, type RunningApp } from './app.js';
import { findings } from './axe.js';
import { builtKernel, copyLab } from './lab.js';

const minutes = 60_000;

let folder: string;
let app: RunningApp;
/** What the engine says. */
let expected: ComparisonDocument;
/** What the database says of mmap_perf, bare, without hypervisor support. */
let stored: number;
/** A note that a spreadsheet must not take for a formula. */
const formula = '=1+1';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  const home = join(folder, 'lab');
  const workspace = await copyLab(home);
  const { database } = workspace;
  const id = (await measuredExperiment(workspace)) ?? (await measureNow(workspace));
  const [first] = await database.runs.ofExperiment(id);
  const costs = await database.measurements.ofRun(first!.id);
  stored = costs.find(({ workload }) => workload === 'mmap_perf')!.instructions;
  const { name } = await database.experiments.describe(id, { note: formula });
  expected = toDocument(await loadComparison(workspace, name));
  await workspace.close();
  app = await startApp({ home });
  app.page.setDefaultTimeout(15_000);
  await app.page.getByRole('button', { name: 'Compare' }).click();
}, 5 * minutes);
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The newest experiment of the integration tests, where they left one with every workload. */
async function measuredExperiment({ database }: Workspace): Promise<number | undefined> {
  const done = (await database.experiments.list()).filter(({ state }) => state === 'done');
  const newest = done.at(-1);
  const columns = newest?.plan.cells.map(({ label }) => label) ?? [];
  const isFit = columns[0] === 'native' && newest?.plan.workloads.includes('mmap_perf');
  return isFit && columns.length > 1 ? newest?.id : undefined;
}

async function measureNow(workspace: Workspace): Promise<number> {
  const cells = [];
  for (const label of ['native', 'xen']) {
    cells.push({ image: await builtKernel(workspace, label), label, environment: 'bare' as const });
  }
  const workloads = ['null', 'fork_exit', 'mmap_perf'];
  const plan = { schema: 1 as const, cells, workloads, repeat: 1, append: '' };
  const { id } = await createExperiment(workspace, {
    name: 'two',
    plan: { ...plan, machine: { ...defaultMachine } },
  });
  await runExperiment({ workspace, emulator: workspaceEmulator(workspace) }, id);
  return id;
}

/** What the next save dialog answers. */
async function saveAs(file: string): Promise<string> {
  const filePath = join(folder, file);
  await app.electron.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path });
  }, filePath);
  return filePath;
}

async function save(button: string, file: string): Promise<Buffer> {
  const path = await saveAs(file);
  await app.page.getByRole('button', { name: button, exact: true }).click();
  await app.page.getByText(`Saved ${file}`).waitFor();
  return readFileSync(path);
}

test('shows every column against the baseline, with spread, and says what counts are not', async () => {
  const { page } = app;
  const cell = page.getByRole('button', { name: /^mmap_perf, native\/bare: / });
  await cell.getByText(stored.toLocaleString('en-US')).waitFor();
  await page.getByText('Guest instructions executed, not time').first().waitFor();
  await app.picture('compare');
  await page.getByLabel('spread').check();
  await cell.getByText(/ of 1,000 disturbed/).waitFor();
  await page.getByLabel('spread').uncheck();
});

test('percent, by effect, against another baseline, with the figure of 2009', async () => {
  const { page } = app;
  await page.getByLabel('Figures are').selectOption('percent');
  await page.getByLabel('Order of workloads').selectOption('effect');
  await page.getByText('2009: +1.62 %').first().waitFor();
  // Each environment is a panel with its own scale.
  const chart = page.getByRole('img', { name: /^Instructions of / });
  await chart.getByText('bare', { exact: true }).waitFor();
  await page.getByRole('button', { name: /^Columns/ }).click();
  for (const box of await page.getByRole('checkbox', { name: /^Show .*dom0$/ }).all()) {
    await box.uncheck();
  }
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^mmap_perf, xen\/bare: \+/ }).waitFor();
  await app.picture('compare-percent');
  await page.getByLabel('Baseline').selectOption({ label: 'xen/bare' });
  await page.getByRole('button', { name: /^mmap_perf, native\/bare: -/ }).waitFor();
  await page.getByLabel('Baseline').selectOption({ label: 'native/bare' });
  await page.getByRole('button', { name: /^mmap_perf, xen\/bare: \+/ }).waitFor();
});

test('images as rows put memory, size and boot beside the workloads', async () => {
  const { page } = app;
  await page.getByLabel('images as rows').check();
  for (const title of ['MemTotal', 'image', 'boot to /init']) {
    await page.getByRole('columnheader', { name: title }).first().waitFor();
  }
  await app.picture('compare-turned');
  await page.getByLabel('images as rows').uncheck();
});

test('a figure leads to its run, and back', async () => {
  const { page } = app;
  const figure = page.getByRole('button', { name: /^mmap_perf, native\/bare: / });
  await figure.click();
  await page.getByRole('img', { name: '1000 iterations of mmap_perf' }).waitFor();
  await app.picture('compare-run');
  expect(await findings(page)).toEqual([]);
  for (const [tab, text] of [
    ['Command', '-icount'],
    ['Console', 'KBL-DONE'],
    ['Overview', 'QEMU emulator version'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('region', { name: tab }).getByText(text).first().waitFor();
  }
  await page.keyboard.press('Escape');
  await page.getByRole('complementary', { name: 'Run' }).waitFor({ state: 'detached' });
  expect(await figure.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.getByRole('button', { name: 'Runs and plan' }).click();
  await page.getByRole('grid', { name: 'Runs' }).waitFor();
  await page.getByRole('button', { name: 'Compare', exact: true }).last().click();
  await figure.waitFor();
});

test('header and names stay in sight', async () => {
  const { page } = app;
  const figures = page.getByRole('region', { name: 'Figures' });
  const at = (locator: Locator) => locator.evaluate((element) => element.getBoundingClientRect().y);
  const header = page.getByRole('columnheader', { name: /native\/bare/ });
  const before = await at(header);
  await figures.evaluate((element) => element.scrollTo(0, 200));
  expect(await at(header)).toBe(before);
  await page.setViewportSize({ width: 500, height: 600 });
  const name = page.getByRole('rowheader', { name: 'null', exact: true });
  const left = await name.evaluate((element) => element.getBoundingClientRect().x);
  await figures.evaluate((element) => element.scrollTo(150, 0));
  expect(await name.evaluate((element) => element.getBoundingClientRect().x)).toBe(left);
  await page.setViewportSize({ width: 1280, height: 773 });
});

test("Markdown is the engine's own", async () => {
  await app.page.getByRole('button', { name: 'Copy Markdown' }).click();
  await app.page.getByText('Copied as Markdown').waitFor();
  const text = await app.electron.evaluate(({ clipboard }) => clipboard.readText());
  expect(text).toContain('| workload | native/bare |');
  expect(text).toContain(stored.toLocaleString('en-US'));
});

test.each(['XLSX', 'ODS'])('other software reads the exported %s', async (format) => {
  await save(format, `figures.${format.toLowerCase()}`);
  const book = readWithGnumeric(join(folder, `figures.${format.toLowerCase()}`));
  const sheets = ['Comparison', 'Boot and memory', 'Measurements', 'How it was run'];
  expect([...book.keys()]).toEqual(sheets);
  const [comparison, machine, raw, how] = sheets.map((name) => book.get(name)!);

  const header = comparison![0]!.map((cell) => cell?.text);
  for (const { workload, column, instructions, baseline } of expected.cells) {
    const { name } = expected.columns[column]!;
    const row = comparison!.find(([first]) => first?.text === workload)!;
    const at = header.indexOf(`${name}: instructions per operation`);
    expect(row[at]).toEqual({ type: 'number', text: String(instructions!.total) });
    if (!baseline) continue;
    expect(row[at + 1]).toEqual({ type: 'number', text: String(baseline.delta) });
    expect(row[at + 2]!.type).toBe('number');
    expect(Number(row[at + 2]!.text) * 100).toBeCloseTo(baseline.percent!, 9);
  }
  for (const { column, instructions, memTotalKiB, imageBytes } of expected.boot) {
    const row = machine![column + 1]!;
    expect(row[0]).toEqual({ type: 'text', text: expected.columns[column]!.name });
    for (const [at, figure] of [
      [1, instructions!.total],
      [6, memTotalKiB.value],
      [8, imageBytes.value],
    ] as const) {
      expect(row[at]).toEqual({ type: 'number', text: String(figure) });
    }
  }
  expect(raw).toHaveLength(1 + expected.runs.length * expected.experiment.plan.workloads.length);
  const note = how!.find(([first]) => first?.text === 'note')!;
  expect(note.find((cell) => cell?.text.includes(formula))).toEqual({
    type: 'text',
    text: `'${formula}`,
  });
  const kinds = [...book.values()].flat(2).map((cell) => cell?.type);
  expect(kinds).not.toContain('other');
});

test('exports CSV and JSON', async () => {
  const csv = (await save('CSV', 'figures.csv')).toString('utf8');
  expect(csv).toMatch(new RegExp(`,mmap_perf,native,bare,.*,${stored},`));
  const json = JSON.parse((await save('JSON', 'figures.json')).toString('utf8')) as unknown;
  expect(json).toEqual(expected);
});

test('prints a PDF with the figures, where they come from, and the chart', async () => {
  const pdf = (await save('PDF', 'figures.pdf')).toString('latin1');
  expect(pdf).toMatch(/^%PDF-/);
  // The table, and the chart on a page of its own.
  expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeGreaterThanOrEqual(2);
  // What is printed only is not left in the window.
  expect(await app.page.getByText('plan SHA-256').count()).toBe(0);
});

test.each(['light', 'dark'] as const)('saves the chart for paper in a %s window', async (theme) => {
  await app.page.emulateMedia({ colorScheme: theme });
  const svg = (await save('SVG', `${theme}.svg`)).toString('utf8');
  checkXml(svg);
  // On white, whatever the window is, and nothing of its style sheet is needed.
  expect(svg).toMatch(/<rect[^>]* fill="rgb\(255, 255, 255\)"/);
  expect(svg).toContain('fill="rgb(184, 122, 0)"');
  expect(svg).toContain('sans-serif');
  expect(svg).not.toContain('var(--');
  const png = await save('PNG', `${theme}.png`);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const size = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
  expect(png.readUInt32BE(16)).toBe(Math.floor(Number(size[1]) * 2));
  expect(png.readUInt32BE(20)).toBe(Math.floor(Number(size[2]) * 2));
});
