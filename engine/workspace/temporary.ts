import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcess, startOf } from '../../db/owner.js';
import { workspaceTrouble } from './folders.js';

/**
 * A new folder in `tmp` for this process alone, mode 0700. Its name begins with
 * `PID-START-`, so that others can tell when its owner has died.
 * @throws workspace-unwritable, workspace-full
 */
export async function makeOwnFolder(tmp: string): Promise<string> {
  try {
    return await mkdtemp(join(tmp, `${process.pid}-${startOf(process.pid) ?? 0}-`));
  } catch (error) {
    throw await workspaceTrouble(error, tmp);
  }
}

/**
 * Removes what dead processes left in `tmp`. Names of any other form are left alone.
 * @returns names of removed entries, and of those that could not be removed
 */
export async function sweep(tmp: string): Promise<{ removed: string[]; kept: string[] }> {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const name of await readdir(tmp)) {
    const [, pid, start] = /^(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || isProcess(Number(pid), Number(start))) continue;
    try {
      await rm(join(tmp, name), { recursive: true, force: true });
      removed.push(name);
    } catch {
      kept.push(name);
    }
  }
  return { removed, kept };
}
