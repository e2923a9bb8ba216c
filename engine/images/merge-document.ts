import type { z } from 'zod';
import type { ImageRecord } from '../../db/records.js';
import { describeDirectory } from '../bzimage/index.js';
import type { mergeDocument } from '../contract.js';
import type { MergedRecord } from './merge-images.js';

/**
 * What merging made, as `kbl merge --json` prints it.
 * @param images what was merged, in the order of the flavours
 * @param file where it was written besides the workspace; null for nowhere
 */
export function mergeDocumentOf(
  { image, merged }: MergedRecord,
  images: readonly ImageRecord[],
  file: string | null,
): z.infer<typeof mergeDocument> {
  const { directory, stubBecause, codec, payloadSize } = merged;
  const recipes = merged.recipes.reduce((sum, { recipe }) => sum + recipe.bytes.length, 0);
  return {
    schema: 'kbl-merge',
    version: 2,
    ...{ image, file, stubBecause, codec },
    multiImage: describeDirectory(directory),
    sizes: { payload: payloadSize, recipes, rest: image.size - payloadSize - recipes },
    images: images.map(({ name, size }, i) => ({
      flavour: directory.flavours[i]!.name,
      ...{ name, size },
    })),
    recipes: merged.recipes.map(({ flavour, recipe: { stages, namesStored } }) => ({
      ...{ flavour, stages, namesStored },
    })),
  };
}
