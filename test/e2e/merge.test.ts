import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { putBuiltImage } from '../support/built-images.js';
import type { Part, Parts } from '../unit/compare/kernel-builder.js';
import { startApp, type RunningApp } from './app.js';

const manyFunctions = 50_000;
const ret = 0xc3;

let app: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-merge-'));
  const home = join(folder, 'lab');
  const workspace = await openWorkspace(home);
  await putBuiltImage(workspace, { flavour: 'many', parts: many(0x31) });
  await putBuiltImage(workspace, { flavour: 'many-more', parts: many(0x29), shift: 0x40 });
  await putBuiltImage(workspace, { flavour: 'native', parts: small(false) });
  await putBuiltImage(workspace, { flavour: 'xen', parts: small(true), xen: true, shift: 0x40 });
  await workspace.close();
  app = await startApp({ home });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Two functions that are the same and one that reads flags directly, or as Xen has it. */
function small(xen: boolean): Parts {
  const text: Part[] = [
    { name: 'same_bytes', bytes: [0x31, 0xc0, ret] },
    {
      ...{ name: 'calls_another', bytes: [0xe8, 0, 0, 0, 0, ret] },
      fields: [{ at: 1, to: 'same_bytes' }],
    },
    {
      name: 'save_flags',
      bytes: xen ? [0x65, 0x48, 0x8b, 0x04, 0x25, 8, 0, 0, 0, ret] : [0x9c, 0x58, ret],
    },
    ...(xen ? [{ name: 'xen_only', bytes: [0x0f, 0x0b] }] : []),
  ];
  return { '.text': text, '.data': [{ name: 'answer', bytes: [42, 0, 0, 0] }] };
}

/** Every seventh function has another operation. */
function many(operation: number): Parts {
  const text = Array.from({ length: manyFunctions }, (_, i): Part => ({
    name: `function_${i}`,
    bytes: [i % 7 === 0 ? operation : 0x31, 0xc0, ...Array<number>(i % 12).fill(0x90), ret],
  }));
  return { '.text': text };
}

test('compares the usual two kernels by itself and counts by verdict', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  const grid = page.getByRole('grid', { name: 'Functions' });
  await grid.getByRole('gridcell', { name: 'save_flags' }).waitFor();
  expect(await grid.getAttribute('aria-rowcount')).toBe('5');
  const only = page.getByRole('row', { name: /only in xen-6\.1\.0/ });
  expect(await only.getByRole('cell').first().textContent()).toBe('1');
});

test('merges them and says what each part takes', async () => {
  const { page } = app;
  await page.getByRole('radio', { name: /the boot stub \(/ }).check();
  await page.getByLabel('Name of the multi-image').fill('both');
  await page.getByRole('button', { name: 'Merge', exact: true }).last().click();
  const sizes = page.getByRole('table', { name: 'Sizes' });
  await sizes.waitFor({ timeout: 40_000 });
  await sizes.getByRole('row', { name: /native: recipe/ }).waitFor();
  await page.getByRole('button', { name: 'both' }).waitFor();
  const figures = await sizes
    .getByRole('row')
    .evaluateAll((rows) =>
      rows.slice(1).map((row) => Number(row.children[1]?.textContent.replaceAll(',', ''))),
    );
  const [payload, recipe, rest, file] = figures;
  expect(payload! + recipe! + rest!).toBe(file);
  await app.picture('merge-sizes');
});

test('opens a function side by side, differences marked, with its reason', async () => {
  const { page } = app;
  await page.getByRole('tab', { name: 'Functions' }).click();
  await page.getByRole('gridcell', { name: 'save_flags' }).click();
  const code = page.getByRole('region', { name: 'Disassembly side by side' });
  await code.getByText('pushf').waitFor();
  await code.getByText(/mov.*%gs:0x8/).waitFor();
  expect(await code.locator('.only-left, .only-right, .changes').count()).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'differs' }).click();
  await expect
    .poll(() => page.getByRole('grid', { name: 'Functions' }).getAttribute('aria-rowcount'))
    .toBe('2');
  await app.picture('merge-function');
  await page.getByRole('button', { name: 'differs' }).click();
});

test('draws the map, and a click on a cell opens its function', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Close the disassembly' }).click();
  await page.getByRole('tab', { name: 'Map' }).click();
  // The fixture's sections are too small for the map; the large pair's are not.
  await page.getByLabel('Kernel A').selectOption({ label: 'many-6.1.0' });
  await page.getByLabel('Kernel B').selectOption({ label: 'many-more-6.1.0' });
  const map = page.getByRole('application', { name: /Map of the address space/ });
  await map.waitFor({ timeout: 40_000 });
  await map.hover({ position: { x: 4, y: 4 } });
  await page.getByText(/function_\d+, \d+ bytes/).waitFor();
  const legend = page.getByRole('table', { name: 'Bytes of the map by verdict' });
  const figures = await legend
    .getByRole('cell')
    .evaluateAll((cells) => cells.map((cell) => Number(cell.textContent.replace(/[^\d]/g, ''))));
  const all = figures.pop();
  expect(all).toBeGreaterThan(0);
  expect(figures.reduce((one, two) => one + two, 0)).toBe(all);
  await map.focus();
  await page.keyboard.press('ArrowRight');
  const place = page.getByRole('status', { name: 'Place' });
  await place.getByText(/^ffffffff\S+ {2}function_\d+/).waitFor();
  await map.click({ position: { x: 4, y: 4 } });
  await page
    .getByRole('region', { name: 'Disassembly side by side' })
    .getByText('ret')
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Close the disassembly' }).click();
});

test(`${manyFunctions.toLocaleString('en')} functions scroll, sort and filter without a stall`, async () => {
  const { page } = app;
  const grid = page.getByRole('grid', { name: 'Functions' });
  expect(await grid.getAttribute('aria-rowcount')).toBe(String(manyFunctions + 1));
  const frames = await page.evaluate(scrollThrough);
  await grid.getByRole('columnheader', { name: 'function' }).click();
  const sort = await grid.getByRole('columnheader', { name: 'function' }).evaluate(timeOfClick);
  const search = page.getByRole('searchbox', { name: 'Filter functions' });
  await search.pressSequentially('function_499');
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('112');
  const shown = page.getByRole('status', { name: 'Shown' });
  expect(await shown.textContent()).toBe('111 of 50,000 functions');
  const rows = await grid.getByRole('row').count();
  const key = await search.evaluate(timeOfKey);
  process.stderr.write(
    `50 000 rows: frames ${frames.median.toFixed(1)} ms median, ${frames.p95.toFixed(1)} ms p95, ` +
      `sort ${sort.toFixed(0)} ms, filter key ${key.toFixed(0)} ms, ${rows} row nodes\n`,
  );
  // A software renderer on two busy cores: budgets leave room, a table that drew every row would need seconds.
  expect(frames.median).toBeLessThan(34);
  expect(frames.p95).toBeLessThan(100);
  expect(sort).toBeLessThan(600);
  expect(key).toBeLessThan(50);
  expect(rows).toBeLessThan(100);
});

/** Times between frames while the table is scrolled from top to bottom, in the window. */
async function scrollThrough(): Promise<{ median: number; p95: number }> {
  const body = document.querySelector<HTMLElement>('[aria-label=Functions] [role=rowgroup]')!;
  const times: number[] = [];
  let last = 0;
  for (let step = 0; step <= 120; step++) {
    body.scrollTop = ((body.scrollHeight - body.clientHeight) * step) / 120;
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    if (step > 1) times.push(now - last);
    last = now;
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1]!, p95: times[Math.floor(times.length * 0.95)]! };
}

/** Milliseconds from a click until the window has painted what came of it. */
function timeOfClick(element: HTMLElement | SVGElement): Promise<number> {
  const begin = performance.now();
  (element as HTMLElement).click();
  return new Promise((resolve) =>
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begin))),
  );
}

/** Milliseconds that one more key holds the window up. */
function timeOfKey(element: HTMLElement | SVGElement): Promise<number> {
  const input = element as HTMLInputElement;
  const begin = performance.now();
  input.value += '9';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  return new Promise((resolve) =>
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begin))),
  );
}
