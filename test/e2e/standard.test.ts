import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseWorkloads } from '../../engine/experiment/plan.js';
import { loadComparison } from '../../engine/report/load-comparison.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { startApp, type RunningApp } from './app.js';
import { copyBuilds } from './lab.js';

/**
 * The first thing that a new user does: an empty lab, one button, and a table at the end. Kernels of the
 * integration tests' cache are found instead of built; with KBL_SLOW=1 they are built here.
 */

const minutes = 60_000;
const builds = process.env['KBL_SLOW'] === '1';
const patience = (builds ? 40 : 12) * minutes;

let folder: string;
let home: string;
let app: RunningApp;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  home = join(folder, 'lab');
  if (!builds) copyBuilds(home);
  app = await startApp({ home });
  app.page.setDefaultTimeout(15_000);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'an empty lab runs the standard experiment at the press of a button',
  async () => {
    const { page } = app;
    const shown = await recordNotifications();
    await page.getByRole('heading', { name: 'The lab is empty' }).waitFor();
    await app.picture('standard-first-start');
    await page.getByRole('button', { name: 'Run the standard experiment' }).click();
    await page
      .getByRole('progressbar', { name: 'Build the standard experiment' })
      .first()
      .waitFor();
    await app.picture('standard-building');

    const row = page.getByRole('grid', { name: 'Experiments' }).getByRole('row', { name: /^lab / });
    await row.waitFor({ timeout: patience });
    await page.getByRole('progressbar', { name: /^Run \d+$/ }).waitFor({ timeout: patience });
    await app.picture('standard-running');
    await row.getByText('7 of 7').waitFor({ timeout: patience });
    await row.click();
    await page.getByRole('button', { name: 'Compare', exact: true }).last().click();
    await page.getByRole('button', { name: /^mmap_perf, xen\/bare: / }).waitFor();
    await app.picture('standard-compare');
    await page.getByLabel('Figures are').selectOption('percent');
    await app.picture('standard-percent');

    // Nobody looked: the window of a test is in nobody's front.
    await expect
      .poll(shown)
      .toContainEqual({ title: 'Experiment lab', body: 'every boot is done' });

    const workspace = await openWorkspace(home);
    const { columns, rows, flags } = await loadComparison(workspace, 'lab');
    await workspace.close();
    expect(flags).toEqual([]);
    expect(columns.map(({ name }) => name)).toEqual([
      ...['native/bare', 'xen/bare', 'xen/xen-pv-dom0', 'multi/bare', 'multi/xen-pv-dom0'],
      ...['xen-for-bare/bare', 'xen-for-xen/xen-pv-dom0'],
    ]);
    const workloads = rows.filter(({ kind }) => kind === 'workload');
    expect(workloads.map(({ name }) => name)).toEqual(chooseWorkloads(undefined));
    expect(rows.flatMap(({ cells }) => cells).every(({ state }) => state === 'measured')).toBe(
      true,
    );
  },
  patience + 5 * minutes,
);

/** Notifications as the app asks for them, which no desktop is here to show. */
async function recordNotifications(): Promise<() => Promise<{ title: string; body: string }[]>> {
  await app.electron.evaluate(({ Notification, BrowserWindow }) => {
    const told: { title: string; body: string }[] = [];
    Object.assign(globalThis, { told });
    Notification.isSupported = () => true;
    Notification.prototype.show = function (this: Electron.Notification) {
      told.push({ title: this.title, body: this.body });
    };
    for (const window of BrowserWindow.getAllWindows()) window.blur();
  });
  return () =>
    app.electron.evaluate(
      () => (globalThis as unknown as { told: { title: string; body: string }[] }).told,
    );
}
