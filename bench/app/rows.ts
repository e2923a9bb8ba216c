import { openWorkspace } from '../../engine/workspace/workspace.js';
import { startApp } from '../../test/e2e/app.js';
import { putBuiltImage } from '../../test/support/built-images.js';
import type { Part, Parts } from '../../test/unit/compare/kernel-builder.js';
import { quantile, type Figure } from './figure.js';

const count = 50_000;
const ret = 0xc3;
const table = '[aria-label=Functions]';
const repetitions = 9;

/**
 * The table of functions of two kernels with 50 000 functions each: until its rows are painted,
 * and how even the frames come while it is scrolled.
 * @param home an empty folder
 */
export async function measureRows(home: string): Promise<Figure[]> {
  const workspace = await openWorkspace(home);
  await putBuiltImage(workspace, { flavour: 'native', parts: kernel(0x31) });
  await putBuiltImage(workspace, { flavour: 'xen', parts: kernel(0x29), xen: true, shift: 0x40 });
  await workspace.close();
  const app = await startApp({ home });
  try {
    const { page } = app;
    await page.getByRole('gridcell').first().waitFor();
    const screen = page.getByRole('button', { name: 'Merge', exact: true });
    const row = `${table} [role=gridcell]`;
    const compared = await screen.evaluate(untilPainted, row);
    const rows = Number(await page.locator(table).getAttribute('aria-rowcount')) - 1;
    if (rows !== count) throw new Error(`the table has ${rows} rows, not ${count}`);
    const paints: number[] = [];
    for (let i = 0; i < repetitions; i++) {
      await page.getByRole('tab', { name: 'Where' }).click();
      await page.locator(table).waitFor({ state: 'detached' });
      const tab = page.getByRole('tab', { name: 'Functions' });
      paints.push(await tab.evaluate(untilPainted, row));
    }
    const jumps = await page.evaluate(frames, { table, steps: 240, rows: count });
    const reading = await page.evaluate(frames, { table, steps: 240, rows: 240 * 3 });
    return [
      {
        what: '50 000 rows, first paint',
        ...{ value: quantile(paints, 0.5).toFixed(0), unit: 'ms' },
        method: `click on the tab until the frame with rows is painted; median of ${repetitions}`,
      },
      {
        what: '50 000 rows, first paint with the comparison',
        ...{ value: compared.toFixed(0), unit: 'ms' },
        method:
          'click on Merge until the frame with rows is painted: the engine reads and compares both kernels in it; once',
      },
      scrolled(jumps, 'scrolled end to end', `240 steps of ${(count / 240).toFixed(0)} rows`),
      scrolled(reading, 'scrolled by three rows', '240 steps of 3 rows'),
    ];
  } finally {
    await app.close();
  }
}

function scrolled(times: readonly number[], what: string, steps: string): Figure {
  const [median, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  return {
    what: `50 000 rows, ${what}: frame, median / p95`,
    ...{ value: `${median.toFixed(1)} / ${p95.toFixed(1)}`, unit: 'ms' },
    method: `${steps}, one a frame; time between animation frames, 16.7 at 60 Hz`,
  };
}

/** Every seventh function has another operation. */
function kernel(operation: number): Parts {
  const text = Array.from({ length: count }, (_, i): Part => ({
    name: `function_${i}`,
    bytes: [i % 7 === 0 ? operation : 0x31, 0xc0, ...Array<number>(i % 12).fill(0x90), ret],
  }));
  return { '.text': text };
}

/** Clicks, in the window. @returns milliseconds until what the selector names has been painted */
async function untilPainted(element: HTMLElement | SVGElement, selector: string): Promise<number> {
  const begin = performance.now();
  (element as HTMLElement).click();
  while (!document.querySelector(selector)) await new Promise(requestAnimationFrame);
  // What runs behind an animation frame runs when it has been painted.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - begin;
}

/** Times between frames, in the window, while rows are scrolled through in equal steps. */
async function frames(how: { table: string; steps: number; rows: number }): Promise<number[]> {
  const body = document.querySelector<HTMLElement>(`${how.table} [role=rowgroup]`)!;
  const length = Math.min(body.scrollHeight - body.clientHeight, how.rows * 24);
  const times: number[] = [];
  let last = 0;
  for (let step = 0; step <= how.steps; step++) {
    body.scrollTop = (length * step) / how.steps;
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    if (step > 1) times.push(now - last);
    last = now;
  }
  return times;
}
