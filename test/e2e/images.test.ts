import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type RunningApp } from './app.js';
import { buildBzImage, gzipPayload } from '../support/bzimage-builder.js';
import { buildKernelElf } from '../support/elf-builder.js';

let app: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  app = await startApp();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the next open dialog answers. */
async function dialogAnswers(...filePaths: string[]): Promise<void> {
  await app.electron.evaluate(({ dialog }, paths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: paths });
  }, filePaths);
}

test('an empty lab says what to do and what is missing', async () => {
  const { page } = app;
  await page.getByRole('heading', { name: 'The lab is empty' }).waitFor();
  await page.getByRole('table').or(page.getByText('has everything')).first().waitFor();
  await app.picture('first-start');
});

test('imports a kernel by dialog and shows its header', async () => {
  const { page } = app;
  const file = join(folder, 'vmlinuz-mine');
  writeFileSync(file, buildBzImage({ payload: gzipPayload(buildKernelElf({})) }));
  await dialogAnswers(file);
  await page.getByRole('button', { name: 'Import...', exact: true }).click();
  await page.getByRole('gridcell', { name: 'mine', exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Setup header' }).click();
  await page.getByRole('gridcell', { name: 'setup_sects', exact: true }).waitFor();
  await app.picture('images');
});

test('what was opened lately is in the menu and the palette, without its path', async () => {
  const { page } = app;
  const recent = (): Promise<(string | undefined)[]> =>
    app.electron.evaluate(({ Menu }) => {
      const file = Menu.getApplicationMenu()?.items[0]?.submenu;
      const list = file?.items.find(({ label }) => label === 'Open &recent')?.submenu;
      return (list?.items ?? []).map(({ label }) => label);
    });
  await expect.poll(recent).toEqual(['mine', 'vmlinuz-mine (file)', '', '&Clear']);
  const kept = JSON.parse(readFileSync(join(app.data, 'app.json'), 'utf8')) as { recent: unknown };
  expect(kept.recent).toContainEqual({ file: join(folder, 'vmlinuz-mine') });
  expect(JSON.stringify(await page.evaluate(() => window.shell.recentItems()))).not.toContain('/');

  await page.keyboard.press('Control+2');
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill('open recent: vmlinuz');
  await app.picture('recent');
  await page.keyboard.press('Enter');
  await page.getByText('mine was there already').waitFor();
  await expect.poll(recent).toEqual(['mine', 'vmlinuz-mine (file)', '', '&Clear']);
  await app.electron.evaluate(({ Menu }) => {
    const file = Menu.getApplicationMenu()?.items[0]?.submenu;
    file?.items
      .find(({ label }) => label === 'Open &recent')
      ?.submenu?.items.at(-1)
      ?.click();
  });
  await expect.poll(recent).toEqual([]);
});

test('an image without names has its sections, and is told to need a vmlinux', async () => {
  const { page } = app;
  await page.getByRole('tab', { name: 'Size', exact: true }).click();
  await page.getByRole('grid', { name: 'Parts of vmlinux' }).getByText('.text').waitFor();
  const other = join(folder, 'vmlinux-other');
  const note = { owner: 'GNU', type: 3, description: Buffer.alloc(20, 7) };
  writeFileSync(other, buildKernelElf({ notes: [note] }));
  await dialogAnswers(other);
  await page.getByRole('button', { name: 'Choose its vmlinux...' }).click();
  await page.getByRole('alert').getByText('size-other-kernel').waitFor();
  await page.getByRole('button', { name: 'Go on without vmlinux-other' }).click();
  await page.getByRole('grid', { name: 'Parts of vmlinux' }).waitFor();
});

test('renames, deletes, and takes the deletion back', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByLabel('New name').fill('renamed');
  await page.getByLabel('New name').press('Enter');
  await page.getByRole('gridcell', { name: 'renamed', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'The lab is empty' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('gridcell', { name: 'renamed', exact: true }).waitFor();
});

test('a file that is no kernel is an error with its code and hint', async () => {
  const { page } = app;
  const file = join(folder, 'noise');
  writeFileSync(file, 'this is no kernel');
  await dialogAnswers(file);
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill('import');
  await page.keyboard.press('Enter');
  const alert = page.getByRole('alert');
  await alert.getByText('image-not-kernel').waitFor();
  await page.getByRole('button', { name: 'Close' }).last().click();
});

test('the palette goes to the settings, which list what the machine has', async () => {
  const { page } = app;
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill('go to settings');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'qemu', exact: true }).waitFor();
  await app.picture('settings');
  await page.getByLabel('Theme').selectOption('dark');
  const scheme = (): Promise<boolean> =>
    app.electron.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors);
  await expect.poll(scheme).toBe(true);
  await page.keyboard.press('Control+1');
});

test('the engine host dies, is started again, and the images are still there', async () => {
  const { page } = app;
  const pids = await app.electron.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .filter(({ type }) => type === 'Utility')
      .map((one) => [one.pid, one.name] as const),
  );
  const host = pids.find(([, name]) => name === 'Kernel Boot Lab engine');
  expect(host).toBeDefined();
  process.kill(host![0], 'SIGKILL');
  await page.getByText('The engine host ended and is').waitFor();
  await page.getByTestId('health').getByText('running').waitFor();
  await page.getByRole('gridcell', { name: 'renamed', exact: true }).waitFor();
  expect(existsSync(join(app.home, 'lab.sqlite'))).toBe(true);
});
