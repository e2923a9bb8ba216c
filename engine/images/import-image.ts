import { basename, resolve } from 'node:path';
import type { ImageRecord } from '../../db/records.js';
import { describeImage, type ImageDescription } from '../bzimage/index.js';
import { imagesErrors } from '../errors/images.js';
import { LabError } from '../errors/lab-error.js';
import { describeFlavours, type RebuiltImageDescription } from '../merge/index.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { defaultName } from './default-name.js';
import { readKernelFile } from './kernel-file.js';

export interface ImportedImage {
  image: ImageRecord;
  /** The workspace had these bytes before; the image keeps the name it had. */
  existed: boolean;
  description: RebuiltImageDescription;
}

/**
 * Copies a bzImage into the workspace, so that it can be booted and measured.
 * @param name what it is to be called; made from the file's name and the kernel's version when absent
 * @throws file-missing, not-a-regular-file, image-*, name-taken, name-invalid, and for files
 *   that are no kernel image bzimage-*, payload-*, elf-*
 */
export async function importImage(
  workspace: Workspace,
  file: string,
  name: string | undefined,
  options: JobOptions = {},
): Promise<ImportedImage> {
  const bytes = await readKernelFile(file);
  const description = await inspectFile(file, bytes, options);
  const { container } = description;
  if (container !== 'bzImage') throw imagesErrors.notBootable({ file, container });

  const { sha256, size } = await workspace.store.put(bytes, options);
  const { images } = workspace.database;
  const existed = (await images.bySha256(sha256)) !== undefined;
  const version = versionOf(description);
  const image = await images.save(
    {
      sha256,
      size,
      kind: 'imported',
      name: name ?? defaultName(nameOf(file, version)),
      flavour: null,
      kernelVersion: version,
      build: null,
      parts: [],
      patch: null,
      origin: resolve(file),
    },
    { ifNameTaken: name === undefined ? 'number' : 'refuse' },
  );
  workspace.log.info('image imported', { image: image.name, sha256, file });
  return { image, existed, description };
}

/** Describes an image; its errors name the file. */
export function describeFile(
  file: string,
  bytes: Uint8Array,
  options: JobOptions = {},
): Promise<ImageDescription> {
  return about(file, () => describeImage(bytes, options));
}

/** The same, and rebuilds every flavour of a multi-image to see what is in it. */
export function inspectFile(
  file: string,
  bytes: Uint8Array,
  options: JobOptions = {},
): Promise<RebuiltImageDescription> {
  return about(file, async () =>
    describeFlavours(bytes, await describeImage(bytes, options), options),
  );
}

async function about<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LabError ? error.at({ file }) : error;
  }
}

/** `6.1.192` of the header's `6.1.192 (kbl@kbl) #1 ...`. */
function versionOf({ setup }: ImageDescription): string | null {
  return setup?.kernelVersion?.split(' ', 1)[0] ?? null;
}

/**
 * The file's name, without `vmlinuz-`, which every name in /boot begins with and which would
 * widen every column; one that says nothing (`bzImage`, `vmlinuz`) gets the kernel's version.
 */
function nameOf(file: string, version: string | null): string {
  const name = basename(file);
  if (/^(bzImage|vmlinuz)$/.test(name) && version !== null) return `${name}-${version}`;
  return name.replace(/^vmlinuz-(?=.)/, '');
}
