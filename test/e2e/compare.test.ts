import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultMachine } from '../../engine/boot/index.js';
import { workspaceEmulator } from '../../engine/experiment/emulator.js';
import { createExperiment, runExperiment } from '../../engine/experiment/runner.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { checkXml, unzip } from '../unit/report/readers.js';
import { startApp, type RunningApp } from './app.js';
import { builtKernel, copyLab } from './lab.js';

const minutes = 60_000;

let folder: string;
let app: RunningApp;
/** What the database says of mmap_perf, bare, without hypervisor support. */
let stored: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  const home = join(folder, 'lab');
  const workspace = await copyLab(home);
  const { database } = workspace;
  const id = (await measuredExperiment(workspace)) ?? (await measureNow(workspace));
  const [first] = await database.runs.ofExperiment(id);
  const costs = await database.measurements.ofRun(first!.id);
  stored = costs.find(({ workload }) => workload === 'mmap_perf')!.instructions;
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
  for (const box of await page.getByRole('checkbox', { name: /^Show .*dom0$/ }).all()) {
    await box.uncheck();
  }
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

test('a figure leads to its run', async () => {
  const { page } = app;
  await page.getByRole('button', { name: /^mmap_perf, native\/bare: / }).click();
  await page.getByRole('img', { name: '1000 iterations of mmap_perf' }).waitFor();
  await app.picture('compare-run');
  await page.getByRole('button', { name: 'Close the run' }).click();
});

test("Markdown is the engine's own", async () => {
  await app.page.getByRole('button', { name: 'Copy Markdown' }).click();
  await app.page.getByText('Copied as Markdown').waitFor();
  const text = await app.electron.evaluate(({ clipboard }) => clipboard.readText());
  expect(text).toContain('| workload | native/bare |');
  expect(text).toContain(stored.toLocaleString('en-US'));
});

test('exports a workbook that another reader reads', async () => {
  const parts = unzip(await save('XLSX', 'figures.xlsx'));
  for (const [name, xml] of parts) if (/\.(xml|rels)$/.test(name)) checkXml(xml);
  const numbers = [...parts]
    .filter(([name]) => name.startsWith('xl/worksheets/'))
    .flatMap(([, xml]) => [...xml.matchAll(/<v>([^<]*)<\/v>/g)].map(([, value]) => Number(value)));
  expect(numbers).toContain(stored);
  const csv = (await save('CSV', 'figures.csv')).toString('utf8');
  expect(csv).toMatch(new RegExp(`,mmap_perf,native,bare,.*,${stored},`));
  const json = JSON.parse((await save('JSON', 'figures.json')).toString('utf8')) as unknown;
  expect(json).toMatchObject({ schema: 'kbl-comparison', version: 1 });
  expect(unzip(await save('ODS', 'figures.ods')).get('mimetype')).toContain('opendocument');
});

test('prints a PDF of the figures, and saves the chart as SVG and PNG', async () => {
  const pdf = (await save('PDF', 'figures.pdf')).toString('latin1');
  expect(pdf).toMatch(/^%PDF-/);
  expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(0);
  const svg = (await save('SVG', 'chart.svg')).toString('utf8');
  checkXml(svg);
  // Nothing of the window's style sheet is needed.
  expect(svg).toMatch(/<rect[^>]* fill="rgb\(/);
  expect(svg).not.toContain('var(--');
  const png = await save('PNG', 'chart.png');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const size = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
  expect(png.readUInt32BE(16)).toBe(Math.floor(Number(size[1]) * 2));
  expect(png.readUInt32BE(20)).toBe(Math.floor(Number(size[2]) * 2));
});
