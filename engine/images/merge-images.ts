import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageRecord } from '../../db/records.js';
import { buildFolder } from '../build/cache.js';
import {
  mergeKernels,
  type MergeChoices,
  type MergedImage,
  type MergeInput,
} from '../merge/index.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { defaultName } from './default-name.js';
import { flavourNames } from './flavour-names.js';

export interface MergeRequest extends MergeChoices {
  /** What the multi-image is to be called; `multi-VERSION` when absent. */
  name?: string | undefined;
  /** Names of the flavours, in the images' order; made up where undefined. */
  flavours?: readonly (string | undefined)[] | undefined;
}

export interface MergedRecord {
  image: ImageRecord;
  merged: MergedImage;
}

/**
 * Merges images of the workspace into a multi-image and records it. Build
 * folders that the workspace kept are made use of.
 * @throws store-*, merge-*, recipe-*, stub-*, bzimage-*, payload-*, elf-*, name-*, cancelled
 */
export async function mergeImages(
  workspace: Workspace,
  images: readonly ImageRecord[],
  { name, flavours, ...choices }: MergeRequest = {},
  options: JobOptions = {},
): Promise<MergedRecord> {
  const names = flavourNames(images, flavours);
  const inputs: MergeInput[] = [];
  for (const [i, image] of images.entries()) {
    const bytes = await readFile(await workspace.store.verified(image.sha256, options));
    inputs.push({ name: names[i]!, bytes, tree: await keptTree(workspace, image) });
  }
  const merged = await mergeKernels(workspace, inputs, choices, options);
  const { base, fallback } = merged.directory;
  const parts = images.map(({ sha256 }, i) => ({ label: names[i]!, sha256 }));
  const version = images[fallback]!.kernelVersion;
  const { sha256, size } = await workspace.store.put(merged.bytes, options);
  const image = await workspace.database.images.save(
    {
      sha256,
      size,
      kind: 'merged',
      name: name ?? defaultName(`multi-${version ?? images[fallback]!.name}`),
      flavour: null,
      kernelVersion: version,
      build: null,
      parts: [...parts.filter((_, i) => i !== base), parts[base]!],
      patch: null,
      origin: null,
    },
    { ifNameTaken: name === undefined ? 'number' : 'refuse' },
  );
  workspace.log.info('images merged', { image: image.name, sha256 });
  return { image, merged };
}

/** What was kept of the folder in which the lab built an image; null when there is none. */
async function keptTree(workspace: Workspace, { build }: ImageRecord): Promise<string | null> {
  if (!build) return null;
  const tree = join(buildFolder(workspace, build.key), 'tree');
  return access(tree).then(
    () => tree,
    () => null,
  );
}
