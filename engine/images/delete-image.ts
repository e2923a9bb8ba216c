import type { ImageRecord } from '../../db/records.js';
import type { Sha256 } from '../units.js';
import type { Workspace } from '../workspace/types.js';

/**
 * Forgets an image and removes its files from the store: the image itself and
 * what its build kept there, as far as no other image has the same bytes. Runs
 * stay; they name the image by its digest.
 */
export async function deleteImage(workspace: Workspace, sha256: Sha256): Promise<void> {
  const { images } = workspace.database;
  const image = await images.bySha256(sha256);
  if (!image) return;
  // The record first: a file without a record is only waste, the other way round is damage.
  await images.remove(sha256);
  const kept = new Set((await images.list()).flatMap(filesOf));
  for (const file of new Set(filesOf(image))) {
    if (!kept.has(file)) await workspace.store.remove(file);
  }
  workspace.log.info('image deleted', { image: image.name, sha256 });
}

/** Digests of what the store holds of an image. */
function filesOf({ sha256, build }: ImageRecord): Sha256[] {
  return [sha256, ...Object.values(build?.artifacts ?? {}).map((artifact) => artifact.sha256)];
}
