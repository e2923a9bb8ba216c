import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Sha256 } from '../units.js';

/** SHA-256 of a text or of bytes. */
export function sha256(data: string | Uint8Array): Sha256 {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a value as JSON with sorted keys, so that equal values have equal digests. */
export function sha256OfJson(value: unknown): Sha256 {
  return sha256(
    JSON.stringify(value, (_key, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ),
  );
}

/** SHA-256 of a file's contents. */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<Sha256> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { ...(signal === undefined ? {} : { signal }) });
  return hash.digest('hex');
}
