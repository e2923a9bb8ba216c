import { readFile } from 'node:fs/promises';
import type { ImageRecord } from '../../db/records.js';
import { isPartLabel } from '../bzimage/multi-image.js';
import { mergeTwoPayloads } from '../merge/index.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { defaultName } from './default-name.js';

/**
 * Merges two images of the workspace into a multi-image and records it.
 * @param bare the image that a boot loader shall start
 * @param xen  the image that Xen shall start
 * @param name what it is to be called; `multi-VERSION` when absent
 * @throws store-*, merge-*, bzimage-*, payload-*, elf-*, name-*, cancelled
 */
export async function mergeImages(
  workspace: Workspace,
  bare: ImageRecord,
  xen: ImageRecord,
  name: string | undefined,
  options: JobOptions = {},
): Promise<ImageRecord> {
  const [bareLabel, xenLabel] = labels(bare, xen);
  const bytesOf = async ({ sha256 }: ImageRecord): Promise<Uint8Array> =>
    readFile(await workspace.store.verified(sha256, options));
  const merged = await mergeTwoPayloads(
    { label: bareLabel, bytes: await bytesOf(bare) },
    { label: xenLabel, bytes: await bytesOf(xen) },
    options,
  );
  const { sha256, size } = await workspace.store.put(merged.bytes, options);
  const image = await workspace.database.images.save(
    {
      sha256,
      size,
      kind: 'merged',
      name: name ?? defaultName(`multi-${bare.kernelVersion ?? bare.name}`),
      flavour: null,
      kernelVersion: bare.kernelVersion,
      build: null,
      parts: [
        { label: bareLabel, sha256: bare.sha256 },
        { label: xenLabel, sha256: xen.sha256 },
      ],
      origin: null,
    },
    { ifNameTaken: name === undefined ? 'number' : 'refuse' },
  );
  workspace.log.info('images merged', { image: image.name, sha256 });
  return image;
}

/** Labels of the parts: their flavours, which the directory has room for, else their roles. */
function labels(bare: ImageRecord, xen: ImageRecord): [string, string] {
  const [first, second] = [bare.flavour ?? '', xen.flavour ?? ''];
  return isPartLabel(first) && isPartLabel(second) && first !== second
    ? [first, second]
    : ['bare', 'xen'];
}
