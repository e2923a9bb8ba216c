import type { ImageRecord } from '../../db/records.js';
import { imagesErrors } from '../errors/images.js';
import { forgetObservations } from '../patch/observe/index.js';
import type { Sha256 } from '../units.js';
import type { Workspace } from '../workspace/types.js';

/**
 * Forgets an image and removes its files from the store: the image itself and
 * what its build kept there, as far as no other image has the same bytes, and what
 * was observed of it. Runs stay; they name the image by its digest. So does the
 * folder in builds/: it is the cache of the next build, and its decompressor may
 * carry a multi-image.
 * @throws image-needed
 */
export async function deleteImage(workspace: Workspace, sha256: Sha256): Promise<void> {
  const { images } = workspace.database;
  const image = await images.bySha256(sha256);
  if (!image) return;
  await refuseNeeded(workspace, image);
  // The record first: a file without a record is only waste, the other way round is damage.
  await images.remove(sha256);
  const kept = new Set((await images.list()).flatMap(filesOf));
  for (const file of new Set(filesOf(image))) {
    if (!kept.has(file)) await workspace.store.remove(file);
  }
  await forgetObservations(workspace, sha256);
  workspace.log.info('image deleted', { image: image.name, sha256 });
}

/**
 * An experiment that goes on, or can be resumed, boots its images again.
 * @throws image-needed
 */
export async function refuseNeeded(
  { database }: Pick<Workspace, 'database'>,
  { sha256, name }: ImageRecord,
): Promise<void> {
  const needing = (await database.experiments.list()).find(
    ({ state, plan }) =>
      unfinished.includes(state) && plan.cells.some(({ image }) => image === sha256),
  );
  if (needing) throw imagesErrors.needed({ image: name, experiment: needing.name });
}

const unfinished: readonly string[] = ['planned', 'running', 'interrupted'];

/** Digests of what the store holds of an image. */
function filesOf({ sha256, build }: ImageRecord): Sha256[] {
  return [sha256, ...Object.values(build?.artifacts ?? {}).map((artifact) => artifact.sha256)];
}
