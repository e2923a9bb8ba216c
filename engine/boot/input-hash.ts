import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { BootCommand } from './types.js';
import type { Sha256 } from '../units.js';

/**
 * Digest of everything that decides a run's counts: the emulator's arguments
 * (which name files by links, never by paths of this machine), the contents of
 * every linked file (image, initramfs, Xen, counter plugin) and the versions.
 * Two runs with the same digest must count the same.
 */
export async function inputHash(command: BootCommand): Promise<Sha256> {
  const files = await Promise.all(
    Object.entries(command.links).map(async ([name, path]) => [name, await fileDigest(path)]),
  );
  const decisive = [
    command.argv,
    files.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    command.versions.emulator,
    command.versions.xen ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}

async function fileDigest(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
