import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectPath } from '../../engine/paths.js';
import {
  ordinaryUser,
  processTree,
  runForge,
  startDisplay,
  startPackaged,
  type PackagedApp,
} from './packaged.js';

/** The Debian package: unpacked into a folder of its own, and started from there by an ordinary user. */

const user = ordinaryUser();
const scratch = mkdtempSync(join(tmpdir(), 'kbl-deb-'));
const root = join(scratch, 'root');
const made = projectPath('out', 'make', 'deb', process.arch);

let deb: string;
let app: PackagedApp;
/** What to undo, also when something failed half-way. */
const undo: (() => unknown)[] = [() => rmSync(scratch, { recursive: true, force: true })];
beforeAll(async () => {
  rmSync(made, { recursive: true, force: true });
  runForge('make', '--targets', 'deb');
  deb = join(made, readdirSync(made)[0]!);
  chmodSync(scratch, 0o755);
  mkdirSync(root);
  execFileSync('dpkg-deb', ['--extract', deb, root]);
  const { display, stop } = await startDisplay(user);
  undo.unshift(stop);
  app = await startPackaged(join(root, 'usr/bin/kernel-boot-lab'), {
    folder: user.folder(join(scratch, 'home')),
    as: user.as,
    env: { DISPLAY: display },
  });
  undo.unshift(app.close);
}, 300_000);
afterAll(async () => {
  for (const step of undo) await step();
});

test('starts for an ordinary user, sandboxed, and its engine answers', async () => {
  expect(await app.page.title()).toBe('Kernel Boot Lab');
  await app.page.getByRole('heading', { name: 'The lab is empty' }).waitFor();
  const windows = processTree(app.pid).filter(({ argv }) => argv.includes('--type=renderer'));
  expect(windows.map(({ status }) => status['Seccomp'])).toEqual(['2']);
});

test('depends on what it runs, and says what it is', () => {
  const field = (name: string): string =>
    execFileSync('dpkg-deb', ['--field', deb, name], { encoding: 'utf8' }).trim();
  expect(field('Package')).toBe('kernel-boot-lab');
  expect(field('Maintainer')).toMatch(/^.+ <.+@.+>$/);
  expect(field('Depends').split(', ')).toEqual(
    expect.arrayContaining(['qemu-system-x86', 'gcc', 'make', 'libnss3']),
  );
});

test('everybody may read it, and the sandbox’s helper is set-user-ID', () => {
  const folder = join(root, 'usr/lib/kernel-boot-lab');
  expect(statSync(folder).mode & 0o777).toBe(0o755);
  // For kernels that give no user namespaces to ordinary users.
  expect(statSync(join(folder, 'chrome-sandbox')).mode & 0o7777).toBe(0o4755);
});

test('has a desktop entry with the app’s own icon', () => {
  const entry = readFileSync(join(root, 'usr/share/applications/kernel-boot-lab.desktop'), 'utf8');
  expect(entry).toMatch(/^Name=Kernel Boot Lab$/m);
  expect(entry).toMatch(/^Icon=kernel-boot-lab$/m);
  expect(entry).toMatch(/^Categories=Development;Emulator;$/m);
  const theme = join(root, 'usr/share/icons/hicolor');
  for (const side of [16, 32, 48, 64, 128, 256, 512]) {
    const installed = readFileSync(join(theme, `${side}x${side}/apps/kernel-boot-lab.png`));
    expect(installed).toEqual(readFileSync(projectPath('electron', 'icon', `${side}.png`)));
    // The size in the PNG's header.
    expect([installed.readUInt32BE(16), installed.readUInt32BE(20)]).toEqual([side, side]);
  }
  readFileSync(join(theme, 'scalable/apps/kernel-boot-lab.svg'));
});
