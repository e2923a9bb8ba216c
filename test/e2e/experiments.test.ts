import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { errorDocument } from '../../engine/contract.js';
import { projectPath } from '../../engine/paths.js';
import { startApp, type RunningApp } from './app.js';
import { findings } from './axe.js';
import { builtKernel, copyLab } from './lab.js';

const minutes = 60_000;
const kbl = projectPath('bin', 'kbl.mjs');

let folder: string;
let home: string;
let app: RunningApp;
let name: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  home = join(folder, 'lab');
  const workspace = await copyLab(home);
  const native = await builtKernel(workspace, 'native');
  name = (await workspace.database.images.bySha256(native))!.name;
  await workspace.close();
  await start();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  app = await startApp({ home, data: join(folder, 'data') });
  app.page.setDefaultTimeout(15_000);
  await app.page.getByRole('button', { name: 'Experiments' }).click();
}

/** A row of the table of that name. */
function row(table: string, text: string) {
  return app.page.getByRole('grid', { name: table }).getByRole('row').filter({ hasText: text });
}

test(
  'composes a plan, says what cannot boot and how long it takes, and runs it',
  async () => {
    const { page } = app;
    await page.getByRole('button', { name: 'New experiment...' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New experiment' });
    await dialog.getByText('cannot boot: the kernel has no Xen ELF notes').first().waitFor();
    const chosen = dialog.getByRole('checkbox', { name: ' on ', checked: true });
    const labels = await chosen.evaluateAll((boxes) =>
      boxes.map((box) => box.getAttribute('aria-label') ?? ''),
    );
    for (const label of labels.filter((one) => one !== `${name} on bare`)) {
      await dialog.getByRole('checkbox', { name: label, exact: true }).uncheck();
    }
    await app.picture('experiments-new');
    expect(await findings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'None' }).click();
    await dialog.getByText('choose a workload').waitFor();
    await dialog.getByRole('checkbox', { name: 'null', exact: true }).check();
    await dialog.getByLabel('Boots of each').fill('3');
    await dialog.getByTestId('estimate').getByText('3 boots').waitFor();
    await dialog.getByLabel('Name', { exact: true }).fill('crash');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await row('Experiments', 'crash').getByText('running').waitFor();
  },
  2 * minutes,
);

test(
  'an experiment that runs is not started twice, neither here nor by the command line',
  async () => {
    const resume = spawnSync('node', [kbl, 'resume', 'crash', '--json', '--workspace', home], {
      encoding: 'utf8',
    });
    expect(resume.status).toBe(7);
    const { error } = errorDocument.parse(JSON.parse(resume.stdout));
    expect(error.code).toBe('experiment-busy');
    expect(error.message).toMatch(/^experiment "crash" is being run by process \d+$/);
    // It is still the app's, and goes on.
    await row('Experiments', 'crash').getByText('running').waitFor();
    await row('Experiments', 'crash').click();
    expect(await app.page.getByRole('button', { name: /^(Run|Resume)( crash)?$/ }).count()).toBe(0);
  },
  2 * minutes,
);

test(
  'the app is killed in the middle, started again, and goes on',
  async () => {
    await row('Runs', 'completed').waitFor({ timeout: minutes });
    await app.page.getByRole('progressbar', { name: /^Run \d+$/ }).waitFor();
    await app.picture('experiments-running');
    app.electron.process().kill('SIGKILL');
    await app.electron.waitForEvent('close').catch(() => undefined);

    await start();
    const { page } = app;
    await page.getByText('crash was interrupted: 1 of 3 boots are done').waitFor();
    await app.picture('experiments-interrupted');
    await page.getByRole('button', { name: 'Resume crash' }).click();
    await row('Experiments', 'crash')
      .getByText('3 of 3')
      .waitFor({ timeout: 2 * minutes });
    await row('Experiments', 'crash').click();
    await expect.poll(() => row('Runs', 'completed').count()).toBe(3);

    // What is stored is what the screen says: one left nothing, the others count alike.
    const workspace = await openWorkspace(home);
    const { id } = await workspace.database.experiments.find('crash');
    const runs = await workspace.database.runs.ofExperiment(id);
    const costs = await workspace.database.measurements.ofExperiment(id);
    await workspace.close();
    expect(runs.map(({ state }) => state).sort()).toEqual(['done', 'done', 'done', 'interrupted']);
    expect(runs.every(({ differsFrom }) => differsFrom.length === 0)).toBe(true);
    expect(new Set(costs.map(({ instructions }) => instructions)).size).toBe(1);
  },
  5 * minutes,
);

test('a run shows its iterations, its exact command and its console', async () => {
  const { page } = app;
  await row('Runs', 'completed').first().click();
  await page.getByRole('img', { name: '1000 iterations of null' }).waitFor();
  await app.picture('experiments');
  expect(await findings(page)).toEqual([]);
  await page.getByRole('tab', { name: 'Command' }).click();
  await page.getByRole('region', { name: 'Command' }).getByText('-icount').waitFor();
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByText('nokaslr').first().waitFor();
  await page.getByRole('tab', { name: 'Console' }).click();
  await page.getByRole('region', { name: 'Console' }).getByText('KBL-DONE').waitFor();
});

test('a note is kept and found; a deletion can be taken back', async () => {
  const { page } = app;
  await page.getByLabel('Note').fill('killed on purpose');
  await page.getByLabel('Note').press('Enter');
  await row('Experiments', 'killed on purpose').waitFor();
  await page.getByLabel('Search experiments').fill('purpose nothing-has-this');
  await row('Experiments', 'crash').waitFor({ state: 'detached' });
  await page.getByLabel('Search experiments').fill('PURPOSE crash');
  await row('Experiments', 'crash').waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await row('Experiments', 'crash').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await row('Experiments', 'crash').waitFor();
  await page.getByLabel('Search experiments').fill('');
});

test(
  'the same plan runs again and can be cancelled',
  async () => {
    const { page } = app;
    await row('Experiments', 'crash').click();
    await page.getByRole('button', { name: 'Run again' }).click();
    await row('Experiments', 'crash again').getByText('running').waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await row('Experiments', 'crash again').getByText('interrupted').waitFor();
    await page.getByRole('button', { name: 'Resume crash again' }).waitFor();
  },
  2 * minutes,
);

test(
  'what the command line runs is seen here, cannot be started or deleted, and can be resumed',
  async () => {
    const { page } = app;
    const words = ['measure', name, '--workloads', 'null', '--name', 'elsewhere'];
    const child = spawn('node', [kbl, ...words, '--workspace', home], { stdio: 'ignore' });
    await expect
      .poll(
        async () => {
          // As when the user comes back from the terminal.
          await page.evaluate(() => window.dispatchEvent(new Event('focus')));
          return row('Experiments', 'elsewhere').getByText('running').count();
        },
        { timeout: minutes },
      )
      .toBe(1);
    await row('Experiments', 'elsewhere').click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText(`is being run by process ${child.pid}`).waitFor();
    child.kill('SIGKILL');
    // Its process is gone: the list says so by itself.
    await page.getByRole('button', { name: 'Resume elsewhere' }).waitFor({ timeout: minutes });
    await page.getByRole('button', { name: 'Resume elsewhere' }).click();
    await row('Experiments', 'elsewhere')
      .getByText('done')
      .waitFor({ timeout: 2 * minutes });
  },
  5 * minutes,
);

test('a plan is composed by keyboard alone', async () => {
  const { page } = app;
  const press = (key: string) => page.keyboard.press(key);
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent.trim() ?? '';
    });
  /** Goes on with Tab to what has that name. */
  const tabTo = async (wanted: string): Promise<void> => {
    for (let steps = 0; steps < 80 && (await focused()) !== wanted; steps++) await press('Tab');
    expect(await focused()).toBe(wanted);
  };
  await press('Control+N');
  const dialog = page.getByRole('dialog', { name: 'New experiment' });
  await dialog.getByRole('checkbox', { name: `${name} on bare` }).waitFor();
  const others = dialog.getByRole('checkbox', { name: ' on ', checked: true });
  const labels = await others.evaluateAll((boxes) =>
    boxes.map((box) => box.getAttribute('aria-label') ?? ''),
  );
  for (const label of labels.filter((one) => one !== `${name} on bare`)) {
    await tabTo(label);
    await press('Space');
  }
  await tabTo('None');
  await press('Enter');
  await dialog.getByText('choose a workload').waitFor();
  await press('Tab');
  await press('Space');
  // An earlier run of the same image tells how long; its share of the workloads is known.
  await dialog
    .getByTestId('estimate')
    .getByText(/^1 boot, about .* by earlier runs/)
    .waitFor();
  await tabTo('Cancel');
  await press('Enter');
  await dialog.waitFor({ state: 'detached' });
});
