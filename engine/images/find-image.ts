import { access } from 'node:fs/promises';
import type { ImageRecord } from '../../db/records.js';
import { databaseErrors } from '../errors/database.js';
import { imagesErrors } from '../errors/images.js';
import { LabError } from '../errors/lab-error.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { importImage } from './import-image.js';

/** What a user's word for an image stands for. */
export interface FoundImage {
  /** The file: of the workspace's store, or where the user has it. */
  file: string;
  /** Null for a file that the workspace need not know. */
  image: ImageRecord | null;
}

/**
 * Finds an image by its name, by the beginning of its digest, or as a file. A
 * word with a slash is always a file; any other is a file only when no image has that name.
 * @throws image-nowhere, image-ambiguous, store-missing, store-damaged
 */
export async function findImage(workspace: Workspace, reference: string): Promise<FoundImage> {
  if (!reference.includes('/')) {
    const image = await knownImage(workspace, reference);
    if (image) return { image, file: await workspace.store.verified(image.sha256) };
  }
  const isThere = await access(reference).then(
    () => true,
    () => false,
  );
  if (!isThere) throw imagesErrors.nowhere({ reference });
  return { image: null, file: reference };
}

/** The same, with a file imported: what is measured must be in the workspace. */
export async function findOrImport(
  workspace: Workspace,
  reference: string,
  options: JobOptions = {},
): Promise<ImageRecord> {
  const { image, file } = await findImage(workspace, reference);
  return image ?? (await importImage(workspace, file, undefined, options)).image;
}

async function knownImage(
  workspace: Workspace,
  reference: string,
): Promise<ImageRecord | undefined> {
  try {
    return await workspace.database.images.find(reference);
  } catch (error) {
    if (error instanceof LabError && error.code === databaseErrors.imageUnknown.code) return;
    throw error;
  }
}
