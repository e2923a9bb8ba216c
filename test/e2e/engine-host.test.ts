import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildBzImage, gzipPayload } from '../support/bzimage-builder.js';
import { buildKernelElf } from '../support/elf-builder.js';
import { startApp, type RunningApp } from './app.js';

/** An engine host that hangs: stopped by a signal, it lives and answers nothing. */

let app: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  app = await startApp({ env: { KBL_APP_PING: '100' } });
  await app.page.getByRole('heading', { name: 'The lab is empty' }).waitFor();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

async function hostPid(): Promise<number> {
  const pids = await app.electron.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .filter(({ name }) => name === 'Kernel Boot Lab engine')
      .map(({ pid }) => pid),
  );
  expect(pids).toHaveLength(1);
  return pids[0]!;
}

/** Chooses a kernel of this name in the dialog of Import. */
async function importKernel(name: string): Promise<void> {
  const file = join(folder, `vmlinuz-${name}`);
  // Another text, or it is the same image again.
  const kernel = buildKernelElf({ banner: `Linux version 6.1.0-${name} (a@b) #1 SMP\n` });
  writeFileSync(file, buildBzImage({ payload: gzipPayload(kernel) }));
  await app.electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, file);
  await app.page.getByRole('button', { name: 'Import...', exact: true }).click();
}

function health(state: string): Promise<void> {
  return app.page.getByTestId('health').getByText(`engine ${state}`).waitFor();
}

test('a host that hangs is said to; what was asked is answered when it goes on', async () => {
  const { page } = app;
  const pid = await hostPid();
  process.kill(pid, 'SIGSTOP');
  try {
    await health('unresponsive');
    await page.getByRole('button', { name: 'Restart', exact: true }).waitFor();
    await app.picture('unresponsive');
    await importKernel('patient');
    // The window itself does not hang.
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox').press('Escape');
    expect(await page.getByRole('gridcell', { name: 'patient', exact: true }).count()).toBe(0);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await health('running');
  await page.getByRole('gridcell', { name: 'patient', exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Restart', exact: true }).count()).toBe(0);
  expect(await hostPid()).toBe(pid);
});

test('a host that hangs for good is ended by Restart, and the next one answers', async () => {
  const { page } = app;
  const pid = await hostPid();
  process.kill(pid, 'SIGSTOP');
  await health('unresponsive');
  // Asked twice, as the impatient do: still one restart.
  const before = await page.evaluate(() => window.shell.hostHealth());
  await page.getByRole('button', { name: 'Restart', exact: true }).dblclick();
  await health('running');
  expect(() => process.kill(pid, 0)).toThrow();
  expect(await hostPid()).not.toBe(pid);
  const after = await page.evaluate(() => window.shell.hostHealth());
  expect(after.restarts).toBe(before.restarts + 1);

  await page.getByRole('gridcell', { name: 'patient', exact: true }).waitFor();
  await importKernel('after');
  await page.getByRole('gridcell', { name: 'after', exact: true }).waitFor();
});
