import { readFile } from 'node:fs/promises';
import { preferredFile } from '../bundle.js';
import { memorySource, readElf } from '../elf/index.js';
import { guestErrors } from '../errors/guest.js';
import type { Sha256 } from '../units.js';
import type { Workspace } from '../workspace/types.js';
import { type CpioEntry, writeCpio } from './cpio.js';
import { guestPrograms, holdProgram } from './programs.js';

/** What the guest does once it is up. */
export type GuestRecipe =
  | { kind: 'workloads'; workloads: readonly string[] }
  /** A busybox shell on the console. */
  | { kind: 'shell' }
  /** Comes up, lets the kernel settle, and stops the machine with its memory as it is then. */
  | { kind: 'hold' };

/** The line by which a `hold` guest says that the kernel has settled. */
export const holdLine = 'KBL-HOLD';

export interface Initramfs {
  sha256: Sha256;
  /** Path of the uncompressed cpio archive, in the workspace's store. */
  path: string;
}

const busyboxPaths = ['/usr/bin/busybox', '/bin/busybox', '/usr/sbin/busybox', '/sbin/busybox'];

/**
 * Puts the guest's initramfs together and stores it. The same programs and
 * recipe give the same bytes.
 * @throws busybox-missing, compiler-missing, native-build-failed
 */
export async function makeInitramfs(workspace: Workspace, recipe: GuestRecipe): Promise<Initramfs> {
  const programs = await guestPrograms(workspace);
  const executable = async (path: string, from: string): Promise<CpioEntry> => ({
    path,
    kind: 'file',
    mode: 0o755,
    data: await readFile(from),
  });
  const entries: CpioEntry[] = [
    ...['bin', 'dev', 'kbl', 'proc', 'sys', 'tmp'].map((path): CpioEntry => ({
      path,
      kind: 'directory',
      mode: 0o755,
    })),
    // The kernel opens /dev/console for /init before anything is mounted.
    { path: 'dev/console', kind: 'character-device', mode: 0o600, major: 5, minor: 1 },
    await executable('init', recipe.kind === 'hold' ? await holdProgram(workspace) : programs.init),
    await executable('bin/workload', programs.workload),
    await executable('bin/true', programs.true),
  ];
  if (recipe.kind === 'shell') {
    entries.push({ path: 'bin/busybox', kind: 'file', mode: 0o755, data: await busybox() });
  } else if (recipe.kind === 'workloads') {
    const data = Buffer.from(recipe.workloads.map((name) => `${name}\n`).join(''));
    entries.push({ path: 'kbl/plan', kind: 'file', mode: 0o644, data });
  }
  const { sha256, path } = await workspace.store.put(writeCpio(entries));
  return { sha256, path };
}

const PT_INTERP = 3; // elf(5)

/** A busybox that asks for no dynamic loader: the archive holds none. */
async function busybox(): Promise<Uint8Array> {
  const preferred = preferredFile('busybox');
  const tried = preferred ? [preferred.path] : busyboxPaths;
  for (const path of tried) {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes !== undefined && isStatic(bytes)) return bytes;
  }
  throw guestErrors.busyboxMissing({ tried });
}

function isStatic(program: Uint8Array): boolean {
  try {
    return readElf(memorySource(program)).segments.every(({ type }) => type !== PT_INTERP);
  } catch {
    return false; // a script or a wrapper
  }
}
