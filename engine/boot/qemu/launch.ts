import { spawn, type ChildProcess } from 'node:child_process';
import { lstat, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bootErrors } from '../../errors/boot.js';
import type { BootCommand } from '../types.js';

/** What QEMU says is a few lines; of a flood the end is kept. */
const stderrLimit = 16 * 1024;

export type QemuProcess = ChildProcess & { readonly pid: number };

/**
 * Makes the links that the command's argv names, in the folder of the run. A
 * link of an earlier run is replaced; a file of that name is somebody's.
 * @throws boot-request-invalid
 */
export async function makeLinks(command: BootCommand): Promise<void> {
  for (const [name, target] of Object.entries(command.links)) {
    const link = join(command.folder, name);
    const there = await lstat(link).catch(() => undefined);
    if (there && !there.isSymbolicLink()) {
      throw bootErrors.requestInvalid({
        what: `${link} is in the way of a link that the boot needs`,
        hint: 'give every boot an empty folder of its own',
      });
    }
    await rm(link, { force: true });
    await symlink(target, link);
  }
}

/**
 * Starts the command. In its own process group, so that a Ctrl-C meant for us
 * reaches the emulator only through us. Only the environment it needs.
 * @throws boot-qemu-missing
 */
export async function launch(command: BootCommand, interactive: boolean): Promise<QemuProcess> {
  const streams = interactive ? 'pipe' : 'ignore';
  const [program, ...words] = [...command.guard, command.program, ...command.argv];
  const child = spawn(program!, words, {
    cwd: command.folder,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    detached: true,
    stdio: [streams, streams, 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(bootErrors.qemuMissing({ program: program! }, cause)));
  });
  child.on('error', () => {}); // A signal that comes too late.
  child.stdin?.on('error', () => {}); // What is typed while QEMU ends goes nowhere.
  return child as QemuProcess;
}

/** QEMU says so at a socket that it waits at; it is no trouble, and the lab connects at once. */
const waiting = /^.*QEMU waiting for connection on: .*\n/gm;

/** Collects what the emulator says; returns a function that gives it so far. */
export function collectStderr(child: QemuProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-stderrLimit);
  });
  return () => text.replace(waiting, '');
}
