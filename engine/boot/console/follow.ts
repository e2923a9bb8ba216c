import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../../units.js';

/** How often a growing console is looked at. */
const interval: Milliseconds = 100;

export interface Follower {
  /** Stops following, after a last look at the file's end. */
  finish(): Promise<void>;
}

/**
 * Follows a file that another process writes, by polling: the writer never
 * waits, whatever the reader does. The file is made empty first. `onBytes`
 * gets the bytes in order.
 */
export async function followFile(
  path: string,
  onBytes: (bytes: Uint8Array) => void,
): Promise<Follower> {
  const file = await open(path, 'w+', 0o600);
  const stop = new AbortController();
  const followed = follow(file, onBytes, stop.signal);
  return {
    async finish() {
      stop.abort();
      await followed;
      await file.close();
    },
  };
}

async function follow(
  file: FileHandle,
  onBytes: (bytes: Uint8Array) => void,
  stop: AbortSignal,
): Promise<void> {
  const buffer = new Uint8Array(1024 * 1024);
  let position = 0;
  for (;;) {
    const last = stop.aborted;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      onBytes(buffer.slice(0, bytesRead));
    }
    if (last) return;
    await sleep(interval, undefined, { signal: stop }).catch(() => {});
  }
}
