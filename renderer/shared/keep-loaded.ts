import { client } from './client.js';

/**
 * Loads now, when the library changes, and when the engine host is a new one: for an effect.
 * Returns what ends it.
 */
export function keepLoaded(load: () => Promise<void>): () => void {
  const stops = [client.onConnect(() => void load()), client.onNotice('images', () => void load())];
  return () => stops.forEach((stop) => stop());
}
