import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectPath } from '../../engine/paths.js';
import { startApp, type RunningApp } from './app.js';

/** The frame around the screens: menu, palette, help, and what happens when a process dies. */

let app: RunningApp;
let folder: string;
const log = (): string => readFileSync(join(folder, 'app.log'), 'utf8');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-e2e-shell-'));
  app = await startApp({ data: folder });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Item {
  id: string;
  role?: string;
  type: string;
  accelerator?: string | null;
  submenu?: { items: Item[] };
}

/** The palette's commands: id to keys. */
async function paletteCommands(): Promise<Map<string, string>> {
  const { page } = app;
  await page.keyboard.press('Control+K');
  const options = page.getByRole('option');
  await options.first().waitFor();
  const found = await options.evaluateAll((elements) =>
    elements.map((element) => [
      element.getAttribute('data-command') ?? '',
      element.querySelector('kbd')?.textContent ?? '',
    ]),
  );
  await page.keyboard.press('Escape');
  return new Map(found as [string, string][]);
}

async function runFromPalette(title: string): Promise<void> {
  await app.page.keyboard.press('Control+K');
  await app.page.getByRole('combobox', { name: 'Command' }).fill(title);
  await app.page.keyboard.press('Enter');
}

test('every item of the menu bar is a command of the palette, with the same key', async () => {
  const items = await app.electron.evaluate(({ Menu }) => {
    const all = (items: Item[]): Item[] =>
      items.flatMap((item) => [item, ...all(item.submenu?.items ?? [])]);
    return all((Menu.getApplicationMenu()?.items ?? []) as Item[]).map(
      ({ id, role, type, accelerator }) => ({ id, role, type, keys: accelerator }),
    );
  });
  const palette = await paletteCommands();
  const commands = items.filter(({ role, type }) => !role && type === 'normal');
  expect(commands.length).toBeGreaterThan(18);
  for (const { id, keys } of commands) {
    // The palette does not list itself.
    if (id === 'palette') continue;
    const expected = keys ? keys.replace('CmdOrCtrl', 'Ctrl') : '';
    expect([id, palette.get(id)]).toEqual([id, expected]);
  }
  const roles = items.map(({ role }) => role?.toLowerCase());
  for (const role of ['undo', 'redo', 'cut', 'copy', 'paste', 'selectall', 'zoomin', 'quit']) {
    expect(roles).toContain(role);
  }
});

test('a menu item does what the command does', async () => {
  await app.electron.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('open.merge')?.click();
  });
  await app.page.getByRole('region', { name: 'Merge' }).waitFor();
});

test('F1 shows the keys that the documentation lists', async () => {
  const { page } = app;
  await page.keyboard.press('F1');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const shown = await dialog
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent.trim())),
    );
  const page1 = readFileSync(projectPath('docs', 'app.md'), 'utf8').split('## Keys')[1]!;
  const table = page1.split('\n## ', 1)[0]!;
  const documented = [...table.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)]
    .map(([, keys, does]) => [keys, does])
    .slice(2);
  expect(shown).toEqual(documented);
  await app.picture('keys');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('About has the versions, the logs and every licence', async () => {
  const { page } = app;
  await runFromPalette('about');
  const dialog = page.getByRole('dialog', { name: 'About Kernel Boot Lab' });
  const { version } = JSON.parse(readFileSync(projectPath('package.json'), 'utf8')) as {
    version: string;
  };
  await dialog.getByText(version, { exact: true }).waitFor();
  await dialog.getByText(join(folder, 'app.log')).waitFor();
  await dialog.getByText(join(app.home, 'log', 'kbl.log')).waitFor();
  for (const name of ['sqlite3', 'svelte', '@xterm/xterm', '@fontsource/jetbrains-mono', 'zod']) {
    await dialog.getByText(new RegExp(`^${name} \\d`)).waitFor();
  }
  await dialog.getByText(/^svelte \d/).click();
  const text = await dialog.locator('details[open] pre').innerText();
  expect(text).toContain('Permission is hereby granted');
  await app.picture('about');
  await dialog.getByRole('button', { name: 'Copy the versions' }).click();
  const copied = await app.electron.evaluate(({ clipboard }) => clipboard.readText());
  expect(copied).toMatch(/^Version: .*\nElectron: \d+\..*\nChromium: \d+\./);
  await dialog.getByRole('button', { name: 'Close' }).click();
});

test('the palette zooms', async () => {
  const zoom = (): Promise<number> =>
    app.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.zoomLevel,
    );
  await runFromPalette('zoom in');
  await expect.poll(zoom).toBe(0.5);
  await app.page.keyboard.press('Control+0');
  await expect.poll(zoom).toBe(0);
});

/** What the app asked by dialogs. */
const shown = (): Promise<string[]> =>
  app.electron.evaluate(() => (globalThis as { shown?: string[] }).shown ?? []);

test('a bug of the main process is told, logged, and not the end', async () => {
  await app.electron.evaluate(({ dialog }) => {
    const shown: string[] = [];
    (globalThis as { shown?: string[] }).shown = shown;
    dialog.showMessageBox = (options: unknown) => {
      const { message, detail } = options as Electron.MessageBoxOptions;
      shown.push(`${message}: ${detail}`);
      return Promise.resolve({ response: 0, checkboxChecked: false });
    };
    setTimeout(() => {
      throw new Error('on purpose');
    });
  });
  await expect.poll(shown).toHaveLength(1);
  expect((await shown())[0]).toMatch(/^A bug in Kernel Boot Lab: on purpose\n[^]*app\.log/);
  expect(log()).toMatch(/ error bug: on purpose \{"stack":"Error: on purpose/);
  await app.page.getByTestId('health').getByText('engine running').waitFor();
});

/**
 * Text in the window, by way of main: the debugger loses sight of a window whose process died.
 * What is asked of a dead one is never answered, hence the limit.
 */
function textInWindow(selector: string): Promise<string> {
  return app.electron.evaluate(({ BrowserWindow }, wanted) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    const script = `document.querySelector(${JSON.stringify(wanted)})?.textContent ?? ''`;
    const limit = new Promise<string>((resolve) => setTimeout(resolve, 1000, 'no answer'));
    return Promise.race([webContents.executeJavaScript(script) as Promise<string>, limit]);
  }, selector);
}

const crash = (): Promise<void> =>
  app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
  );
const toast = (): Promise<string> => textInWindow('.toasts').catch(() => '');

test('a window whose process dies is opened again, and says so', async () => {
  await crash();
  await expect.poll(toast, { timeout: 20_000 }).toContain('was opened again');
  expect(log()).toMatch(/ error the window ended \{"reason":"/);
  await expect.poll(() => textInWindow('[data-testid=health]')).toBe('engine running');
});

test('one that dies again and again is opened only when that is wanted', async () => {
  for (let again = 0; again < 2; again++) {
    await crash();
    await expect.poll(toast, { timeout: 20_000 }).toContain('was opened again');
  }
  await expect.poll(shown).toHaveLength(2);
  expect((await shown())[1]).toMatch(/^The window keeps ending: Its process ended 3 times/);
});
