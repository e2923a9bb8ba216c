import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareErrors } from '../errors/compare.js';
import { isElf, openFileSource, type FileSource } from '../elf/index.js';
import { buildFolder } from '../build/cache.js';
import { findImage } from '../images/find-image.js';
import type { Workspace } from '../workspace/types.js';

/** A vmlinux to compare, and where the list of its object files may be. */
export interface FoundVmlinux {
  file: string;
  label: string;
  /** The kernel build's `vmlinux.a`; whether it is there is not known. */
  archive: string;
}

/**
 * Finds the vmlinux of an image: of the workspace, where the lab built it, or a
 * file. A word with a slash is always a file, for which no workspace is opened.
 * @throws compare-no-vmlinux, image-*, store-*
 */
export async function findVmlinux(
  reference: string,
  openWorkspace: () => Promise<Workspace>,
): Promise<FoundVmlinux> {
  if (reference.includes('/')) return vmlinuxFile(reference);
  const workspace = await openWorkspace();
  const { file, image } = await findImage(workspace, reference);
  if (!image) return vmlinuxFile(file);
  if (!image.build) throw compareErrors.noVmlinux({ label: image.name });
  return {
    file: await workspace.store.verified(image.build.artifacts.vmlinux.sha256),
    label: image.name,
    archive: join(buildFolder(workspace, image.build.key), 'tree', 'vmlinux.a'),
  };
}

function vmlinuxFile(file: string): FoundVmlinux {
  return { file, label: file, archive: join(dirname(file), 'vmlinux.a') };
}

/** Opens a vmlinux. @throws file-missing, compare-no-vmlinux for a bzImage */
export function openVmlinux({ file, label }: FoundVmlinux): FileSource {
  const source = openFileSource(file);
  if (source.size >= 4 && isElf(source.read(0, 4, 'the ELF header'))) return source;
  source.close();
  throw compareErrors.noVmlinux({ label });
}

/** The bytes of the archive, or undefined when there is none. */
export function readArchive({ archive }: FoundVmlinux): Promise<Uint8Array | undefined> {
  return readFile(archive).catch(() => undefined);
}
