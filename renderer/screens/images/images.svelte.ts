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
  /** Environments that each image boots in, by digest; asked for one after the other. */
  boots: {} as Record<string, string[]>,
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
      const told = await client.call('images.boots', { sha256 }).catch(() => undefined);
      images.boots[sha256] = told?.environments ?? [];
    }
  })().finally(() => (asking = undefined)));
}

export const keepImages = (): (() => void) => keepLoaded(loadImages);
