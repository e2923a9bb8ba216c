import type { ImageRecord } from '../../db/records.js';
import type { BuildRecord } from '../build/types.js';
import type { Workspace } from '../workspace/types.js';

/** How an image was built: a patched one has the names and places of the one that it was. */
export async function builtFrom(
  { database }: Pick<Workspace, 'database'>,
  { kind, build, parts: [original] }: ImageRecord,
): Promise<BuildRecord | null> {
  if (build || kind !== 'patched' || !original) return build;
  return (await database.images.bySha256(original.sha256))?.build ?? null;
}
