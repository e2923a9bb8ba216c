import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeWithKernels } from '../support/app-kernels.js';
import { startApp, type RunningApp } from './app.js';

/** Real kernels boot here: on a busy machine one takes half a minute, Xen with its dom0 more. */
const patience = 150_000;
const upTo = { timeout: patience } as const;

let app: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-'));
  await homeWithKernels(join(folder, 'lab'));
  app = await startApp({ home: join(folder, 'lab') });
}, patience);
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const pane = (side = 'all'): Locator => app.page.locator(`[data-side=${side}]`);
const rows = (side?: string): Locator => pane(side).locator('.xterm-rows');
const state = (side?: string): Locator => pane(side).getByTestId('guest-state');

async function typeLine(line: string, side?: string): Promise<void> {
  await pane(side).locator('.xterm-helper-textarea').focus();
  await app.page.keyboard.type(`${line}\n`);
}

/** Whether a process is there; a dead one that nobody has waited for yet is not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function instructions(): Promise<number> {
  const text = await pane().getByTestId('instructions').innerText();
  return Number(text.replaceAll(',', ''));
}

/** Memory of the window and of the engine host, in KiB. */
function memory(): Promise<number> {
  return app.electron.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .filter(({ type, name }) => type === 'Tab' || name === 'Kernel Boot Lab engine')
      .reduce((sum, one) => sum + one.memory.workingSetSize, 0),
  );
}

async function bootFromDialog(image: string, environment: string): Promise<void> {
  const { page } = app;
  await page.getByLabel('Image', { exact: true }).selectOption({ label: image });
  await page.getByLabel('Environment').selectOption(environment);
  await page.getByRole('button', { name: 'Boot', exact: true }).click();
}

test('boots an image of the library, and its shell answers', upTo, async () => {
  const { page } = app;
  await page.getByRole('gridcell', { name: 'native', exact: true }).first().click();
  await page.getByRole('button', { name: 'Boot...' }).click();
  await page.getByRole('button', { name: 'Boot', exact: true }).click();
  await state().getByText('booting').waitFor();
  await state().getByText('running').waitFor(upTo);
  await rows().getByText('guest#').first().waitFor(upTo);
  await typeLine('echo answer-$((6 * 7))');
  await rows().getByText('answer-42').waitFor();
  expect(await instructions()).toBeGreaterThan(100_000_000);
});

test('the exact command is a click away and can be copied', async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Command', exact: true }).click();
  const command = await page.getByLabel('Emulator command').innerText();
  expect(command).toMatch(/qemu-system-x86_64[^]*-icount shift=0,sleep=on[^]*console=ttyS0/);
  await app.picture('console');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  const copied = await app.electron.evaluate(({ clipboard }) => clipboard.readText());
  expect(copied.trim()).toBe(command.trim());
  await page.getByRole('button', { name: 'Command', exact: true }).click();
});

test('a paused guest executes nothing, and goes on where it was', upTo, async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Pause' }).click();
  await state().getByText('paused').waitFor();
  const before = await instructions();
  await typeLine('echo typed-while-$((1 + 1))-paused');
  await page.waitForTimeout(1500);
  expect(await instructions()).toBe(before);
  expect(await rows().getByText('typed-while-2').count()).toBe(0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await rows().getByText('typed-while-2-paused').waitFor();
  await expect.poll(instructions).toBeGreaterThan(before);
});

test('neither links nor the clipboard are the guest’s', upTo, async () => {
  await app.electron.evaluate(({ clipboard }) => clipboard.writeText('mine'));
  await typeLine(
    String.raw`printf '\033]52;c;c3RvbGVu\007\033]8;;http://example.org\007a-link\033]8;;\007 \033]0;title\007shown\n'`,
  );
  await rows().getByText('a-link shown').waitFor();
  expect(await app.electron.evaluate(({ clipboard }) => clipboard.readText())).toBe('mine');
  expect(await app.page.title()).toBe('Kernel Boot Lab');
});

test('finds words, and saves the log where the dialog says', upTo, async () => {
  const { page } = app;
  const file = join(folder, 'native.log');
  await app.electron.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, file);
  await page.keyboard.press('Control+Shift+F');
  await page.getByLabel('Find in the console').fill('Linux version');
  await page.keyboard.press('Enter');
  expect(await page.getByText('not found').count()).toBe(0);
  await rows().getByText('Linux version').first().waitFor();
  await page.getByLabel('Find in the console').fill('no such words');
  await page.getByText('not found').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Save log...' }).click();
  await page.getByText('Saved native.log').waitFor();
  const log = readFileSync(file, 'utf8');
  expect(log).toMatch(/Linux version 6\.1/);
  expect(log).toContain('answer-42');
  expect(log).not.toContain('\x1b');
});

test(
  'a guest that prints without end leaves the window responsive and memory flat',
  upTo,
  async () => {
    const { page } = app;
    await typeLine('yes flood-flood-flood-flood-flood-flood-flood-flood-flood-flood-flood');
    await rows().getByText('flood-flood').first().waitFor();
    await page.waitForTimeout(4000);
    const before = await memory();
    // The longest time in which the window could not have answered a key.
    const longest = await page.evaluate(async () => {
      let last = performance.now();
      let gap = 0;
      const timer = setInterval(() => {
        const now = performance.now();
        gap = Math.max(gap, now - last);
        last = now;
      }, 10);
      await new Promise((resolve) => setTimeout(resolve, 6000));
      clearInterval(timer);
      return gap;
    });
    const grown = (await memory()) - before;
    console.log(
      `flood: longest gap ${longest.toFixed(0)} ms, memory ${before} KiB, grown ${grown} KiB`,
    );
    expect(longest).toBeLessThan(500);
    expect(grown).toBeLessThan(60 * 1024);
    await page.keyboard.press('Control+C');
    await typeLine('echo calm-$((2 + 3))');
    await rows().getByText('calm-5').first().waitFor();
  },
);

test('one file boots as native on the left and under Xen on the right', upTo, async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Boot...' }).click();
  await bootFromDialog('multi', 'both');
  await state('left').getByText('running').waitFor(upTo);
  await state('right').getByText('running').waitFor(upTo);
  await typeLine('cat /sys/hypervisor/type || echo no-hypervisor', 'left');
  await rows('left')
    .getByText(/^no-hypervisor/)
    .waitFor();
  await rows('right').getByText('guest#').first().waitFor();
  await app.picture('console-split');
});

test('a stopped guest says how it ended and can boot again', upTo, async () => {
  await pane('left').getByRole('button', { name: 'Stop' }).click();
  await pane('left').getByTestId('guest-end').getByText('cancelled').waitFor();
  await app.picture('console-ended');
  await pane('left').getByRole('button', { name: 'Boot again' }).click();
  await state('left')
    .getByText(/booting|running/)
    .waitFor();
});

test('guests die with the engine host, which is said, and can be booted again', upTo, async () => {
  const { page } = app;
  await pane('right').getByRole('button', { name: 'Command', exact: true }).click();
  const pid = Number(/process (\d+)/.exec(await pane('right').innerText())?.[1]);
  expect(runs(pid)).toBe(true);
  const host = await app.electron.evaluate(
    ({ app: electron }) =>
      electron.getAppMetrics().find(({ name }) => name === 'Kernel Boot Lab engine')?.pid,
  );
  process.kill(host!, 'SIGKILL');
  await pane('right').getByText('app-host-gone').waitFor();
  await expect.poll(() => runs(pid), { timeout: 10_000 }).toBe(false);
  await app.picture('console-host-gone');
  await page.getByTestId('health').getByText('running').waitFor();
  await pane('left').getByRole('button', { name: 'Boot again' }).click();
  await state('left').getByText('running').waitFor(upTo);
});
