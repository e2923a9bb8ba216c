import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '../../engine/units.js';
import { shell } from './shell.js';

/** What else could be done with two unpacked payloads. */
export interface Baselines {
  /** Both in one stream of zstd. */
  oneStream: Bytes;
  /** Patches that make native of xen. */
  patchFrom: Bytes;
  bsdiff: Bytes;
  xdelta3: Bytes;
  xdelta3Lzma: Bytes;
  bsdiffSeconds: number;
}

export const commands = {
  oneStream: 'cat xen native | zstd -q -22 --ultra --long=27 -c > PATCH',
  patchFrom: 'zstd -q -22 --ultra --long=27 --patch-from=xen native -o PATCH',
  bsdiff: 'bsdiff xen native PATCH',
  xdelta3: 'xdelta3 -e -9 -S none -s xen native PATCH',
  xdelta3Lzma: 'xdelta3 -e -9 -S lzma -s xen native PATCH',
} as const;

/** @param folder an empty one */
export async function measureBaselines(
  xen: Uint8Array,
  native: Uint8Array,
  folder: string,
): Promise<Baselines> {
  await writeFile(join(folder, 'xen'), xen);
  await writeFile(join(folder, 'native'), native);
  const run = async (name: keyof typeof commands): Promise<{ size: Bytes; seconds: number }> => {
    const seconds = await shell(commands[name].replace('PATCH', name), folder);
    return { size: (await stat(join(folder, name))).size, seconds };
  };
  const bsdiff = await run('bsdiff');
  return {
    oneStream: (await run('oneStream')).size,
    patchFrom: (await run('patchFrom')).size,
    bsdiff: bsdiff.size,
    xdelta3: (await run('xdelta3')).size,
    xdelta3Lzma: (await run('xdelta3Lzma')).size,
    bsdiffSeconds: bsdiff.seconds,
  };
}
