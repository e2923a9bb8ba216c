import type { ErrorBody } from '../../../engine/contract/app/jobs.js';
import type { Image } from '../../../engine/contract/app/images.js';
import { bodyOf, client } from '../../shared/client.js';
import { keepLoaded } from '../../shared/keep-loaded.js';

interface Library {
  list: Image[] | undefined;
  error: ErrorBody | undefined;
  selected: string | undefined;
  building: boolean;
  /** Environments that each image boots in, by digest; asked for one after the other. */
  boots: Record<string, string[]>;
}

/** The library as this window knows it. */
export const images = $state<Library>({
  list: undefined,
  error: undefined,
  selected: undefined,
  building: false,
  boots: {},
});

export async function loadImages(): Promise<void> {
  try {
    images.list = (await client.call('images.list', {})).images;
    images.error = undefined;
    void askWhereTheyBoot();
  } catch (error) {
    const body = bodyOf(error);
    // The next host's connection loads anew.
    if (body.code !== 'app-host-gone') images.error = body;
  }
}

let asking: Promise<void> | undefined;

/** One image at a time: each is unpacked for it. What cannot be told stays untold in the list. */
function askWhereTheyBoot(): Promise<void> {
  return (asking ??= (async () => {
    for (;;) {
      const next = images.list?.find(({ sha256 }) => images.boots[sha256] === undefined);
      if (!next) break;
      const { sha256 } = next;
      try {
        images.boots[sha256] = (await client.call('images.boots', { sha256 })).environments;
      } catch (error) {
        // The next host's connection asks again.
        if (bodyOf(error).code === 'app-host-gone') break;
        images.boots[sha256] = [];
      }
    }
  })().finally(() => (asking = undefined)));
}

export const keepImages = (): (() => void) => keepLoaded(loadImages);
