import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firmwareFiles } from '../../engine/boot/firmware.js';
import { homeWithKernels } from '../support/app-kernels.js';
import { startApp, type RunningApp } from './app.js';
import { findings } from './axe.js';

/** Real kernels boot here: on a busy machine one takes half a minute, Xen with its dom0 more. */
const patience = 150_000;
const upTo = { timeout: patience } as const;
/** Firmware executes eight times what the kernel does. */
const slow = { timeout: 2 * patience } as const;
const hasFirmware = firmwareFiles.some((file) => existsSync(file));

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
const terminal = (side?: string, stream = 'guest'): Locator =>
  pane(side).locator(`[data-stream=${stream}]`);
const rows = (side?: string, stream?: string): Locator =>
  terminal(side, stream).locator('.xterm-rows');
const state = (side?: string): Locator => pane(side).getByTestId('guest-state');

async function typeLine(line: string, side?: string): Promise<void> {
  await terminal(side).locator('.xterm-helper-textarea').focus();
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

/** A counter of the shown guest; of one domain, or of all. */
async function instructions(domain?: string, side?: string): Promise<number> {
  const id = domain === undefined ? 'instructions' : `instructions-${domain}`;
  const text = await pane(side).getByTestId(id).innerText();
  return Number(text.replaceAll(',', ''));
}

/** Answers the next dialog that asks for a file. */
async function saveInto(file: string): Promise<void> {
  await app.electron.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, file);
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
  await page.getByRole('button', { name: 'Boot...' }).click();
  await page.getByLabel('Image', { exact: true }).selectOption({ label: image });
  await page.getByLabel('Environment').selectOption(environment);
  await page.getByRole('button', { name: 'Boot', exact: true }).click();
}

test('tells before it boots where an image does not, and why', upTo, async () => {
  const { page } = app;
  await page.getByRole('gridcell', { name: 'native', exact: true }).first().click();
  await page.getByRole('button', { name: 'Boot...' }).click();
  await page.getByText('the kernel has no Xen ELF notes (CONFIG_XEN is off)').first().waitFor(upTo);
  const environments = page.getByLabel('Environment');
  expect(await environments.locator('option:disabled').allInnerTexts()).toEqual([
    'xen-pv-dom0: as PV dom0 under the Xen hypervisor',
    'xen-pvh-dom0: as PVH dom0, by the processor’s own virtualisation',
    'bare and xen-pv-dom0, side by side',
  ]);
  await app.picture('console-boot');
  expect(await findings(app.page)).toEqual([]);
  await page.getByLabel('Image', { exact: true }).selectOption({ label: 'multi' });
  await expect.poll(() => environments.locator('option:disabled').count()).toBe(0);
  await environments.selectOption('both');
  await page.getByRole('checkbox', { name: /^one each for Xen and the guest/ }).waitFor();
  await app.picture('console-boot-xen');
  expect(await findings(app.page)).toEqual([]);
  await page.keyboard.press('Escape');
});

test('boots an image of the library, and its shell answers', upTo, async () => {
  await bootFromDialog('native', 'bare');
  await state().getByText('booting').waitFor();
  await state().getByText('running').waitFor(upTo);
  await rows().getByText('guest#').first().waitFor(upTo);
  await typeLine('echo answer-$((6 * 7))');
  await rows().getByText('answer-42').waitFor();
  expect(await instructions()).toBeGreaterThan(100_000_000);
});

test('counts by domain while the guest runs, and all of them together', upTo, async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Pause' }).click();
  await state().getByText('paused').waitFor();
  // The counts are written ten times a second, and asked for twice.
  await page.waitForTimeout(1200);
  const [user, kernel, all] = [
    await instructions('user'),
    await instructions('kernel'),
    await instructions(),
  ];
  expect(kernel).toBeGreaterThan(50_000_000);
  expect(user).toBeGreaterThan(1_000_000);
  // Those that fault and start again count twice here.
  expect(Math.abs(user + kernel - all)).toBeLessThan(all / 1000);
  expect(await pane().getByTestId('instructions-hypervisor').count()).toBe(0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await state().getByText('running').waitFor();
});

test('a large paste arrives whole', upTo, async () => {
  const { page } = app;
  const lines = Array.from({ length: 700 }, (_, i) => `${i} ${'paste '.repeat(9)}`.trim());
  const text = `${lines.join('\n')}\n`;
  await app.electron.evaluate(({ clipboard }, words) => clipboard.writeText(words), text);
  await typeLine('stty -echo; cat > /tmp/pasted');
  await page.waitForTimeout(500);
  await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.paste(),
  );
  await page.waitForTimeout(1000);
  await page.keyboard.press('Control+D');
  await typeLine('stty echo; md5sum < /tmp/pasted');
  const digest = createHash('md5').update(text).digest('hex');
  await rows().getByText(digest).waitFor({ timeout: 60_000 });
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
  await saveInto(file);
  await page.keyboard.press('Control+Shift+F');
  const find = page.getByLabel('Find in the console');
  await find.fill('answer-42');
  await page.getByTestId('found').getByText('1 of 1', { exact: true }).waitFor();
  await find.fill('memory');
  await page
    .getByTestId('found')
    .getByText(/^\d+ of [1-9]\d*$/)
    .waitFor();
  const first = await page.getByTestId('found').innerText();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByTestId('found').innerText()).not.toBe(first);
  await app.picture('console-find');
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
  await bootFromDialog('multi', 'both');
  await state('left').getByText('running').waitFor(upTo);
  await state('right').getByText('running').waitFor(upTo);
  await typeLine('cat /sys/hypervisor/type || echo no-hypervisor', 'left');
  await rows('left')
    .getByText(/^no-hypervisor/)
    .waitFor();
  await rows('right').getByText('guest#').first().waitFor();
  await app.picture('console-split');
  expect(await findings(app.page)).toEqual([]);
});

/** What the two streams of the guest under Xen have said, as their logs have it. */
async function savedLogs(): Promise<{ guest: string; hypervisor: string }> {
  const save = async (button: string, name: string): Promise<string> => {
    const file = join(folder, name);
    await saveInto(file);
    await pane('right').getByRole('button', { name: button, exact: true }).click();
    await app.page.getByText(`Saved ${name}`).first().waitFor();
    return readFileSync(file, 'utf8');
  };
  return {
    guest: await save('Save log...', `guest-${Date.now()}.log`),
    hypervisor: await save("Save Xen's log...", `xen-${Date.now()}.log`),
  };
}

async function pressXenKey(key: string): Promise<void> {
  await terminal('right', 'hypervisor').locator('.xterm-helper-textarea').focus();
  await app.page.keyboard.type(key);
}

test('Xen and its guest are heard apart, on a serial line each', upTo, async () => {
  await pane('right').getByText('its own serial line').waitFor();
  expect(await terminal('left', 'hypervisor').count()).toBe(0);
  await pressXenKey('h');
  await rows('right', 'hypervisor').getByText('=> dump IOAPIC info').waitFor();
  await typeLine('cat /proc/cmdline', 'right');
  await rows('right').getByText('console=ttyS1').first().waitFor();
  await app.picture('console-hypervisor');
  const { guest, hypervisor } = await savedLogs();
  expect(hypervisor).toMatch(/^\(XEN\) Xen version 4\./m);
  expect(hypervisor).toContain("'h' pressed -> showing installed handlers");
  expect(hypervisor).not.toContain('Linux version');
  expect(guest).toContain('Linux version');
  expect(guest).not.toContain('(XEN)');
  expect(await instructions('hypervisor', 'right')).toBeGreaterThan(100_000_000);
  expect(await instructions('kernel', 'right')).toBeGreaterThan(10_000_000);
});

test('neither voice stops the other: a guest that floods, and Xen', upTo, async () => {
  await typeLine('yes flood-under-xen', 'right');
  await rows('right').getByText('flood-under-xen').first().waitFor();
  await pressXenKey('n');
  await rows('right', 'hypervisor').getByText('NMI neither pending nor masked').waitFor(upTo);
  await terminal('right').locator('.xterm-helper-textarea').focus();
  await app.page.keyboard.press('Control+C');
  await typeLine('echo still-$((20 + 1))', 'right');
  await rows('right').getByText('still-21').first().waitFor(upTo);
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
  // What the window has of the log is there to be saved, host or not.
  const file = join(folder, 'after-the-host.log');
  await saveInto(file);
  await pane('right').getByRole('button', { name: "Save Xen's log..." }).click();
  await page.getByText('Saved after-the-host.log').waitFor();
  expect(readFileSync(file, 'utf8')).toContain("'h' pressed -> showing installed handlers");
  await app.picture('console-host-gone');
  await page.getByTestId('health').getByText('running').waitFor();
  await pane('left').getByRole('button', { name: 'Boot again' }).click();
  await state('left').getByText('running').waitFor(upTo);
});

test('where Xen and its guest share a line, they are told apart all the same', upTo, async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Boot...' }).click();
  await page.getByLabel('Image', { exact: true }).selectOption({ label: 'multi' });
  await page.getByLabel('Environment').selectOption('xen-pv-dom0');
  await page.getByRole('checkbox', { name: /^one each for Xen and the guest/ }).uncheck();
  await page.getByRole('button', { name: 'Boot', exact: true }).click();
  await state('right').getByText('running').waitFor(upTo);
  await rows('right').getByText('guest#').first().waitFor(upTo);
  await pane('right').getByText("on dom0's serial line").waitFor();
  await pressXenKey('h');
  await rows('right', 'hypervisor').getByText('=> dump IOAPIC info').waitFor();
  await typeLine('echo to-dom0-$((1 + 1)); cat /proc/cmdline', 'right');
  await rows('right').getByText('to-dom0-2').first().waitFor();
  await rows('right').getByText('console=hvc0').first().waitFor();
  const { guest, hypervisor } = await savedLogs();
  expect(hypervisor).toContain("'h' pressed -> showing installed handlers");
  expect(hypervisor).not.toContain('Linux version');
  expect(guest).toContain('Linux version');
  expect(guest).not.toContain('(XEN)');
});

test('a PVH dom0 is heard apart from its Xen too', slow, async () => {
  await bootFromDialog('multi', 'xen-pvh-dom0');
  await state('right').getByText('running').waitFor(slow);
  await rows('right').getByText('guest#').first().waitFor(slow);
  await pane('right').getByText('its own serial line').waitFor();
  const { guest, hypervisor } = await savedLogs();
  expect(hypervisor).toMatch(/^\(XEN\) .*dom0=pvh/m);
  expect(hypervisor).not.toContain('Linux version');
  expect(guest).toContain('Linux version');
  expect(guest).not.toContain('(XEN)');
  await pane('right').getByRole('button', { name: 'Stop' }).click();
});

test.skipIf(!hasFirmware)('boots under UEFI firmware, by the EFI stub', slow, async () => {
  const { page } = app;
  await page.getByRole('button', { name: 'Side by side' }).click();
  await bootFromDialog('multi', 'uefi');
  await state().getByText('running').waitFor(slow);
  await rows().getByText('guest#').first().waitFor(slow);
  await typeLine('ls -d /sys/firmware/efi');
  await rows()
    .getByText(/^\/sys\/firmware\/efi/)
    .first()
    .waitFor();
});

test('a reset keeps what the boot before printed, above', upTo, async () => {
  const { page } = app;
  await bootFromDialog('native', 'bare');
  await state().getByText('running').waitFor(upTo);
  await rows().getByText('guest#').first().waitFor(upTo);
  await typeLine('echo before-the-reset-$((3 + 4))');
  await rows().getByText('before-the-reset-7').first().waitFor();
  await page.getByRole('button', { name: 'Reset' }).click();
  await state().getByText('booting').waitFor();
  await state().getByText('running').waitFor(upTo);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByLabel('Find in the console').fill('before-the-reset-7');
  await page.getByTestId('found').getByText('1 of 1', { exact: true }).waitFor();
  await page.getByLabel('Find in the console').fill('-- boot 2');
  await page.getByTestId('found').getByText('1 of 1', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
});

test('a window with running guests asks before it closes', upTo, async () => {
  const asked = await app.electron.evaluate(({ dialog, BrowserWindow }) => {
    const messages: string[] = [];
    dialog.showMessageBoxSync = (...words: unknown[]) => {
      messages.push((words.at(-1) as { message: string }).message);
      return 1;
    };
    BrowserWindow.getAllWindows()[0]?.close();
    return messages;
  });
  expect(asked).toEqual([expect.stringMatching(/guests are running$|^A guest is running$/)]);
  expect(await state().innerText()).toBe('running');
});

test('a tab is closed by key, and its guest ends', upTo, async () => {
  const tabs = pane().getByRole('tab');
  const before = await tabs.count();
  await pane().getByRole('tab', { selected: true }).focus();
  await app.page.keyboard.press('Delete');
  await expect.poll(() => tabs.count()).toBe(before - 1);
});
