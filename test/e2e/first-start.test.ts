import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type RunningApp } from './app.js';
import { findings } from './axe.js';

/** An empty lab on a machine that lacks what kernels are built with. */

let app: RunningApp;
beforeAll(async () => {
  // No compiler, no QEMU, nothing: what is missing is told with the commands that bring it.
  app = await startApp({ env: { PATH: '/nonexistent' } });
  app.page.setDefaultTimeout(15_000);
});
afterAll(() => app.close());

test('says what is missing and how to get it', async () => {
  const { page } = app;
  await page.getByRole('heading', { name: 'Missing on this machine' }).waitFor();
  await page.getByRole('cell', { name: 'qemu', exact: true }).waitFor();
  await page.getByText('sudo apt-get install --no-install-recommends').first().waitFor();
  // What only tests need is not pressed on anyone.
  expect(await page.getByRole('cell', { name: 'zsh', exact: true }).isVisible()).toBe(false);
  await app.picture('first-start');
  await page.getByRole('button', { name: 'Copy the command for debian' }).first().click();
  const copied = await app.electron.evaluate(({ clipboard }) => clipboard.readText());
  expect(copied).toMatch(/^sudo apt-get install .*\bqemu-system-x86\b/);
  expect(copied).not.toMatch(/\bzsh\b/);
  expect(await findings(page)).toEqual([]);
});

test('the standard experiment says what it lacks, and can be tried again', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Run the standard experiment' }).click();
  const alert = page.getByRole('alert');
  await alert.filter({ hasText: 'boot-qemu-missing' }).waitFor();
  await page.getByRole('heading', { name: 'No experiments yet' }).waitFor();
  await app.picture('first-start-refused');
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Run the standard experiment' }).click();
  // Not refused for the one that failed: it fails by itself.
  await alert.filter({ hasText: 'boot-qemu-missing' }).waitFor();
  expect(await alert.count()).toBe(1);
});
