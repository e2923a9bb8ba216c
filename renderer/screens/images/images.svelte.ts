import type { ErrorBody } from '../../../engine/contract/app/jobs.js';
import type { Image } from '../../../engine/contract/app/images.js';
import { bodyOf, client } from '../../shared/client.js';

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

/** Loads now, when the library changes, and when the engine host is a new one. */
export function keepImages(): () => void {
  const stops = [
    client.onConnect(() => void loadImages()),
    client.onNotice('images', () => void loadImages()),
  ];
  return () => stops.forEach((stop) => stop());
}
