import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildFolder } from '../build/cache.js';
import type { BuildRecord } from '../build/types.js';
import { readThinArchive } from '../compare/thin-archive.js';
import { LabError } from '../errors/lab-error.js';
import { readLinkMap } from '../size/link-map.js';
import type { SizeInput } from '../size/kernel-size.js';
import type { Workspace } from '../workspace/types.js';

/** A vmlinux, and what its build left of how it was linked: what is not there is undefined. */
export interface LinkedKernel {
  vmlinux: string;
  linkMap: string | undefined;
  /** The thin archive of its object files. */
  archive: string;
}

/** What the lab has of a kernel that it built; undefined where its vmlinux was removed. */
export async function linkedByBuild(
  workspace: Workspace,
  { key, artifacts }: BuildRecord,
): Promise<LinkedKernel | undefined> {
  const { store } = workspace;
  const { vmlinux, linkMap } = artifacts;
  if (!(await store.has(vmlinux.sha256))) return undefined;
  return {
    vmlinux: await store.verified(vmlinux.sha256),
    linkMap: linkMap && (await store.has(linkMap.sha256)) ? store.path(linkMap.sha256) : undefined,
    archive: join(buildFolder(workspace, key), 'tree', 'vmlinux.a'),
  };
}

/** What a kernel build leaves beside the vmlinux in its build folder. */
export function linkedBeside(vmlinux: string): LinkedKernel {
  const folder = dirname(vmlinux);
  return { vmlinux, linkMap: join(folder, 'vmlinux.map'), archive: join(folder, 'vmlinux.a') };
}

/**
 * Reads what is there of the map and the archive. One that cannot be read is no reason not to
 * tell sizes; a note says so.
 */
export async function readLinking({
  linkMap,
  archive,
}: LinkedKernel): Promise<Pick<SizeInput, 'linkMap' | 'objects'> & { notes: string[] }> {
  const notes: string[] = [];
  return {
    linkMap: await readThere(linkMap, notes, (bytes, file) =>
      readLinkMap(bytes.toString('latin1'), file),
    ),
    objects: await readThere(archive, notes, readThinArchive),
    notes,
  };
}

async function readThere<T>(
  file: string | undefined,
  notes: string[],
  read: (bytes: Buffer, file: string) => T,
): Promise<T | undefined> {
  const bytes = file === undefined ? undefined : await readFile(file).catch(() => undefined);
  if (file === undefined || !bytes) return undefined;
  try {
    return read(bytes, file);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    notes.push(`${file}: ${error.message}`);
    return undefined;
  }
}
