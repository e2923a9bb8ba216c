/**
 * What the desktop app makes its user wait for: `npm run bench:app`, without a display
 * `xvfb-run -a npm run bench:app`. It drives the real app with kernels that the integration tests
 * built, in workspaces of its own.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../test/e2e/app.js';
import { homeWithKernels } from '../../test/support/app-kernels.js';
import { table, type Figure } from './figure.js';
import { measureFlood } from './flood.js';
import { measureRows } from './rows.js';
import { measureStarts } from './starts.js';

const say = (text: string): void => console.error(text);
const load = (): string => loadavg()[0]!.toFixed(1);

const scratch = mkdtempSync(join(tmpdir(), 'kbl-bench-app-'));
try {
  const home = join(scratch, 'kernels');
  await homeWithKernels(home);
  const loadBefore = load();
  const figures: Figure[] = [];
  say('starts');
  figures.push(...(await measureStarts(home)));
  say('a table of 50 000 rows');
  figures.push(...(await measureRows(join(scratch, 'rows'))));
  say('a guest that prints without end');
  figures.push(...(await measureFlood(home)));
  console.log(
    `${await machine(join(scratch, 'empty'))}; load ${loadBefore} before, ${load()} after.`,
  );
  console.log(`\n${table(figures)}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** What it ran on, in one line. */
async function machine(home: string): Promise<string> {
  const app = await startApp({ home });
  const versions = await app.electron.evaluate(() => process.versions);
  await app.close();
  const qemu = execFileSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' });
  const memory = Math.round(totalmem() / 2 ** 30);
  return (
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${memory} GiB; ` +
    `Electron ${versions['electron']}, Chromium ${versions['chrome']}; QEMU ${/version ([\d.]+)/.exec(qemu)?.[1]}`
  );
}
