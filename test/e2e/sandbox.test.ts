import { cpSync, chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ordinaryUser,
  packageFolder,
  processTree,
  runForge,
  startDisplay,
  startPackaged,
  type PackagedApp,
} from './packaged.js';

/**
 * The packaged app as an ordinary user starts it: without --no-sandbox. Where root runs the
 * tests, that is `nobody`, with a display and a home of its own.
 */

const user = ordinaryUser();
const scratch = mkdtempSync(join(tmpdir(), 'kbl-sandbox-'));

let app: PackagedApp;
/** What to undo, also when something failed half-way. */
const undo: (() => unknown)[] = [() => rmSync(scratch, { recursive: true, force: true })];
beforeAll(async () => {
  runForge('package');
  // Out of a checkout that others may not read.
  chmodSync(scratch, 0o755);
  const copy = join(scratch, 'app');
  cpSync(packageFolder, copy, { recursive: true });
  const { display, stop } = await startDisplay(user);
  undo.unshift(stop);
  app = await startPackaged(join(copy, 'kernel-boot-lab'), {
    folder: user.folder(join(scratch, 'home')),
    as: user.as,
    env: { DISPLAY: display },
  });
  undo.unshift(app.close);
}, 150_000);
afterAll(async () => {
  for (const step of undo) await step();
});

test('nothing runs as root, and nothing asked for no sandbox', () => {
  const tree = processTree(app.pid);
  expect(tree.length).toBeGreaterThan(3);
  for (const { status, argv } of tree) {
    expect(status['Uid']).not.toMatch(/\b0\b/);
    expect(argv).not.toContain('--no-sandbox');
  }
});

test('the window’s process is sandboxed: system calls filtered, namespaces of its own, no rights', () => {
  const tree = processTree(app.pid);
  const main = tree.find(({ pid }) => pid === app.pid)!;
  const windows = tree.filter(({ argv }) => argv.includes('--type=renderer'));
  expect(windows).toHaveLength(1);
  const { status, namespaces } = windows[0]!;
  // seccomp(2): 2 is SECCOMP_MODE_FILTER.
  expect(status['Seccomp']).toBe('2');
  expect(status['NoNewPrivs']).toBe('1');
  expect(status['CapEff']).toBe('0000000000000000');
  for (const kind of ['user', 'pid', 'net'] as const) {
    expect(namespaces[kind], kind).not.toBe(main.namespaces[kind]);
  }
});

test('it is the app itself: its engine answers', async () => {
  await app.page.getByRole('heading', { name: 'The lab is empty' }).waitFor();
  await app.page.getByTestId('health').getByText('engine running').waitFor();
});
