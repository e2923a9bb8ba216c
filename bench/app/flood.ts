import type { Page } from 'playwright-core';
import { startApp, type RunningApp } from '../../test/e2e/app.js';
import { quantile, type Figure } from './figure.js';

/** Milliseconds of printing, from when the terminal keeps all the lines that it ever will. */
const duration = 90_000;
const betweenKeys = 150;
/** More lines than a terminal keeps (renderer/screens/console/guest-terminal.ts). */
const linesKept = 11_000;
const patience = { timeout: 180_000 };

/** Lines of `seq` from here are seven digits and CR LF until nine million have gone by. */
const firstNumber = 1_000_000;
const bytesOfLine = 9;
const terminal = '[data-side=all] [data-stream=guest]';

/** In KiB. */
interface Memory {
  window: number;
  host: number;
}

/**
 * A guest that prints without end, while keys are typed at it.
 * @param home a workspace with an image `native`
 */
export async function measureFlood(home: string): Promise<Figure[]> {
  const app = await startApp({ home });
  try {
    await beginFlood(app.page);
    while ((await lastNumber(app.page)) < firstNumber + linesKept) {
      await app.page.waitForTimeout(betweenKeys);
    }
    await app.page.evaluate(watchKeys);
    const memory: Memory[] = [await memoryOf(app)];
    const [begin, before] = [performance.now(), await lastNumber(app.page)];
    while (performance.now() - begin < duration) {
      await app.page.keyboard.press('Space');
      await app.page.waitForTimeout(betweenKeys);
      if ((performance.now() - begin) / 1000 > memory.length) memory.push(await memoryOf(app));
    }
    const lines = (await lastNumber(app.page)) - before;
    const seconds = (performance.now() - begin) / 1000;
    const latencies = await app.page.evaluate(() => window.keyLatencies);
    return [
      {
        what: 'guest printing without end, throughput',
        ...{ value: ((lines * bytesOfLine) / seconds / 1000).toFixed(0), unit: 'kB/s' },
        method: `\`seq\` at ${bytesOfLine} bytes a line, difference of the numbers shown at begin and end, ${seconds.toFixed(1)} s`,
      },
      ...(['window', 'host'] as const).map((which): Figure => {
        const values = memory.map((one) => one[which] / 1024);
        return {
          what: `meanwhile, memory of the ${which}: begin / middle / end / highest`,
          value: [values[0]!, values[values.length >> 1]!, values.at(-1)!, Math.max(...values)]
            .map((one) => one.toFixed(1))
            .join(' / '),
          unit: 'MiB',
          method: `working set by \`app.getAppMetrics\`, ${values.length} samples; nothing is forced. Begins when ${linesKept} lines were printed: the terminal has no room for more`,
        };
      }),
      {
        what: 'meanwhile, input latency, p50 / p95',
        value: [0.5, 0.95].map((part) => quantile(latencies, part).toFixed(1)).join(' / '),
        unit: 'ms',
        method: `timestamp of a key that is typed at the terminal until the next frame is painted (the guest’s echo is not waited for), ${latencies.length} keys`,
      },
    ];
  } finally {
    await app.close();
  }
}

async function beginFlood(page: Page): Promise<void> {
  await page.getByRole('gridcell', { name: 'native', exact: true }).first().click();
  await page.getByRole('button', { name: 'Boot...' }).click();
  await page.getByRole('button', { name: 'Boot', exact: true }).click();
  const rows = page.locator(`${terminal} .xterm-rows`);
  await rows.getByText('guest#').first().waitFor(patience);
  await page.locator(`${terminal} .xterm-helper-textarea`).focus();
  await page.keyboard.type(`seq ${firstNumber} 9999999\n`);
  await rows
    .getByText(/^\d{7}\s*$/)
    .first()
    .waitFor(patience);
}

/** The highest number on the screen of the terminal. */
async function lastNumber(page: Page): Promise<number> {
  const text = await page
    .locator(`${terminal} .xterm-rows > div`)
    .evaluateAll((rows) => rows.map((row) => row.textContent));
  const numbers = text.flatMap((line) => /^(\d{7})\s*$/.exec(line)?.[1] ?? []).map(Number);
  if (numbers.length === 0) throw new Error(`the guest prints no numbers: ${text.join('\n')}`);
  return Math.max(...numbers);
}

function memoryOf({ electron }: RunningApp): Promise<Memory> {
  return electron.evaluate(({ app }) => {
    const metrics = app.getAppMetrics();
    const window = metrics.find(({ type }) => type === 'Tab');
    const host = metrics.find(({ name }) => name === 'Kernel Boot Lab engine');
    return {
      window: window?.memory.workingSetSize ?? NaN,
      host: host?.memory.workingSetSize ?? NaN,
    };
  });
}

declare global {
  interface Window {
    keyLatencies: number[];
  }
}

/** Notes, in the window, how long after each key the frame behind it was painted. */
function watchKeys(): void {
  window.keyLatencies = [];
  const note = ({ timeStamp }: KeyboardEvent): void => {
    // What runs behind an animation frame runs when it has been painted.
    requestAnimationFrame(() =>
      setTimeout(() => window.keyLatencies.push(performance.now() - timeStamp)),
    );
  };
  window.addEventListener('keydown', note, { capture: true });
}
