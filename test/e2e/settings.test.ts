import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProgram } from '../../engine/boot/index.js';
import { homeWithKernels } from '../support/app-kernels.js';
import { startApp, type RunningApp } from './app.js';

/** Settings: what is chosen there is tried first, holds for what boots next, and is kept. */

const patience = 150_000;

let app: RunningApp;
let folder: string;
/** QEMU under another name, with a space and a comma in its path, which QEMU's own options would mind. */
let otherQemu: string;
const start = (): Promise<RunningApp> =>
  startApp({ home: join(folder, 'lab'), data: join(folder, 'data') });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-settings-'));
  await homeWithKernels(join(folder, 'lab'));
  otherQemu = join(folder, 'my own, qemu');
  symlinkSync((await findProgram('qemu-system-x86_64'))!, otherQemu);
  app = await start();
}, patience);
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openSettings(): Promise<void> {
  await app.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await row('qemu').waitFor();
}

function row(file: string): Locator {
  return app.page.getByTestId(`boot-file-${file}`);
}

/** Presses Choose... of a row, and chooses this in its dialog; undefined closes the dialog. */
async function choose(file: string, path: string | undefined): Promise<void> {
  await app.electron.evaluate(
    ({ dialog }, filePaths) => {
      dialog.showOpenDialog = () =>
        Promise.resolve({ canceled: filePaths.length === 0, filePaths });
    },
    path === undefined ? [] : [path],
  );
  await row(file)
    .getByRole('button', { name: /^Choose/ })
    .click();
}

const kept = () => app.page.evaluate(() => window.shell.settings());

test('shows what guests are booted with, and what it can do', async () => {
  await openSettings();
  await row('qemu')
    .getByText(/^QEMU emulator version .* built with TCG plugins/)
    .waitFor();
  await row('qemu').getByText('installed', { exact: true }).waitFor();
  await row('xen')
    .getByText(/^\/boot\/xen-/)
    .waitFor();
  await app.picture('settings-boot-files');
});

test('a file that nothing can be booted with is not taken', async () => {
  for (const [file, path, code] of [
    ['qemu', '/bin/cat', 'boot-qemu-unusable'],
    ['xen', '/bin/cat', 'boot-xen-damaged'],
    ['ovmf', '/bin/cat', 'boot-firmware-damaged'],
  ] as const) {
    await choose(file, path);
    await row(file).getByRole('alert').getByText(code).waitFor();
    expect((await kept()).bootFiles[file]).toBeNull();
  }
  await app.picture('settings-refused');
  await choose('qemu', undefined);
  await expect.poll(() => row('qemu').getByRole('alert').count()).toBe(0);
});

test('a token is good for the use that its file was chosen for', async () => {
  await app.electron.evaluate(({ dialog }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/bin/cat'] });
  });
  const answer = await app.page.evaluate(async () => {
    const [kernel] = await window.shell.chooseFiles('kernels');
    return window.shell.useBootFile('qemu', kernel!.token).then(
      () => 'taken',
      () => 'refused',
    );
  });
  expect(answer).toBe('refused');
});

test('a chosen emulator boots the next guest', { timeout: patience }, async () => {
  const { page } = app;
  await choose('qemu', otherQemu);
  await row('qemu').getByText('chosen here').waitFor();
  await row('qemu').getByText(otherQemu, { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Images', exact: true }).click();
  await page.getByRole('gridcell', { name: 'native', exact: true }).first().click();
  await page.getByRole('button', { name: 'Boot...' }).click();
  await page.getByRole('button', { name: 'Boot', exact: true }).click();
  const pane = page.locator('[data-side=all]');
  const state = pane.getByTestId('guest-state');
  await state.getByText('running').waitFor({ timeout: patience });
  await page.getByRole('button', { name: 'Command', exact: true }).click();
  expect(await page.getByLabel('Emulator command').innerText()).toContain(otherQemu);
  await pane.getByRole('button', { name: 'Stop', exact: true }).click();
  await state.getByText(/ended|stopped|cancelled/).waitFor();
});

test('what was chosen is kept, until the default is wanted again', async () => {
  await app.close();
  app = await start();
  await openSettings();
  await row('qemu').getByText('chosen here').waitFor();
  await row('qemu')
    .getByRole('button', { name: /^Use the default/ })
    .click();
  await row('qemu').getByText('installed', { exact: true }).waitFor();
  expect((await kept()).bootFiles).toEqual({ qemu: null, xen: null, ovmf: null });
});

test('tells the desktop, unless that is not wanted', async () => {
  const { page } = app;
  await app.electron.evaluate(({ BrowserWindow, Notification }) => {
    Notification.isSupported = () => true;
    Notification.prototype.show = () => void process.emit('kbl-notified' as never);
    BrowserWindow.prototype.isFocused = () => false;
    (globalThis as { told?: number }).told = 0;
    process.on('kbl-notified' as never, () => (globalThis as { told?: number }).told!++);
  });
  const told = async (): Promise<number> => {
    await page.evaluate(() => window.shell.notify('A title', 'a text'));
    return app.electron.evaluate(() => (globalThis as { told?: number }).told ?? -1);
  };
  expect(await told()).toBe(1);
  await page.getByRole('checkbox', { name: /something long ends/ }).uncheck();
  await expect.poll(async () => (await kept()).notifications).toBe(false);
  expect(await told()).toBe(1);
});
