import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { QmpClient } from '../../boot/index.js';
import type { ReadPhysical } from './anchor.js';

const fileName = 'memory.bin';

/**
 * Reads a stopped machine's memory. QEMU writes it to a file in the folder of the run, where it
 * works, and which its confinement allows.
 */
export function readPhysical(qmp: QmpClient, folder: string): ReadPhysical {
  const file = join(folder, fileName);
  return async (address, size) => {
    await qmp.execute('pmemsave', { val: address, size, filename: fileName });
    const bytes = await readFile(file);
    await rm(file);
    return bytes;
  };
}
