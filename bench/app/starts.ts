import { startApp } from '../../test/e2e/app.js';
import { quantile, type Figure } from './figure.js';

const starts = 7;

/**
 * From the start of the process to a window that can be used: its screens are there, the engine
 * host runs, the library's rows are drawn.
 * @param home a workspace with kernels in it
 */
export async function measureStarts(home: string): Promise<Figure[]> {
  const times: number[] = [];
  for (let i = 0; i < starts; i++) {
    const begin = performance.now();
    const app = await startApp({ home });
    await app.page.getByTestId('health').getByText('running').waitFor();
    await app.page.getByRole('gridcell').first().waitFor();
    times.push(performance.now() - begin);
    await app.close();
  }
  const [first, ...later] = times;
  const range = `${Math.min(...later).toFixed(0)} to ${Math.max(...later).toFixed(0)}`;
  const until = 'process started, until screens, a running engine and the rows of Images are there';
  return [
    {
      what: 'start to usable window, median',
      ...{ value: quantile(later, 0.5).toFixed(0), unit: 'ms' },
      method: `${until}; ${later.length} starts, ${range} ms; Playwright’s attaching is in it; window state and caches are new at each`,
    },
    {
      what: 'first start',
      ...{ value: first!.toFixed(0), unit: 'ms' },
      method: 'the same, once: the first start of the benchmark',
    },
  ];
}
