import type { ErrorBody } from '../../../engine/contract/app/jobs.js';
import type { Image } from '../../../engine/contract/app/images.js';
import { bodyOf, client } from '../../shared/client.js';
import { keepLoaded } from '../../shared/keep-loaded.js';

/** The library as this window knows it. */
export const images = $state({
  list: undefined as Image[] | undefined,
  error: undefined as ErrorBody | undefined,
  selected: undefined as string | undefined,
  building: false,
});

export async function loadImages(): Promise<void> {
  try {
    images.list = (await client.call('images.list', {})).images;
    images.error = undefined;
  } catch (error) {
    const body = bodyOf(error);
    // The next host's connection loads anew.
    if (body.code !== 'app-host-gone') images.error = body;
  }
}

export const keepImages = (): (() => void) => keepLoaded(loadImages);
