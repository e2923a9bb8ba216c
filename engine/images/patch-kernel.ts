import type { ImageRecord } from '../../db/records.js';
import { openFileSource, readElf } from '../elf/index.js';
import { patchErrors } from '../errors/patch.js';
import { readPatchKernel, type PatchKernel } from '../patch/kernel.js';
import {
  discoverPvSites,
  relativeReferences,
  type Discovery,
} from '../patch/listing/pv-relocations.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import type { FoundImage } from './find-image.js';
import { readKernelFile } from './kernel-file.js';
import { builtFrom } from './built-from.js';

/** A kernel whose patch sites are looked at, and what it was read from. */
export interface OpenedKernel {
  kernel: PatchKernel;
  /** File of its vmlinux; undefined where there is none. */
  vmlinux: string | undefined;
}

/**
 * Reads what a user's word for an image stands for, with the symbols of a vmlinux.
 * @param vmlinux file; that of the image's build, where the lab has it, when absent
 * @throws file-missing, store-*, bzimage-*, elf-*, patch-*
 */
export async function openPatchKernel(
  workspace: Workspace,
  { file, image }: FoundImage,
  { vmlinux, ...options }: JobOptions & { vmlinux?: string | undefined } = {},
): Promise<OpenedKernel> {
  const symbols = vmlinux ?? (image ? await vmlinuxOf(workspace, image, options) : undefined);
  const input = { label: image?.name ?? file, bytes: await readKernelFile(file) };
  if (symbols === undefined) {
    return { kernel: await readPatchKernel(input, options), vmlinux: undefined };
  }
  const source = openFileSource(symbols);
  try {
    const kernel = await readPatchKernel({ ...input, vmlinux: source }, options);
    return { kernel, vmlinux: symbols };
  } finally {
    source.close();
  }
}

/** The same of an image of the workspace, whose bytes are checked. */
export async function openImageKernel(
  workspace: Workspace,
  image: ImageRecord,
  options: JobOptions = {},
): Promise<OpenedKernel> {
  const file = await workspace.store.verified(image.sha256, options);
  return openPatchKernel(workspace, { file, image }, options);
}

/** File of the vmlinux that an image was made of, its bytes checked; undefined where the lab has none. */
async function vmlinuxOf(
  workspace: Workspace,
  image: ImageRecord,
  options: JobOptions = {},
): Promise<string | undefined> {
  const digest = (await builtFrom(workspace, image))?.artifacts.vmlinux.sha256;
  if (digest === undefined || !(await workspace.store.has(digest))) return undefined;
  return workspace.store.verified(digest, options);
}

/** @throws patch-patched-already */
export function requireUnpatched({ name, kind, parts: [original] }: ImageRecord): void {
  if (kind !== 'patched') return;
  throw patchErrors.patchedAlready({ image: name, original: original?.label ?? 'the original' });
}

/** What relocations find of paravirt sites: those of the vmlinux, too, where there is one. */
export function discoveryOf({ kernel, vmlinux }: OpenedKernel): Discovery {
  if (vmlinux === undefined) return discoverPvSites(kernel);
  const source = openFileSource(vmlinux);
  try {
    return discoverPvSites(kernel, relativeReferences(kernel, readElf(source)));
  } finally {
    source.close();
  }
}
