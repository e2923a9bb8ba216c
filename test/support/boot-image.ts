import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createQemu,
  defaultMachine,
  type BootRequest,
  type BootResult,
} from '../../engine/boot/index.js';
import { tinyInitrd } from './tiny-guest.js';

export type BootedImage = BootResult & { text: string };

/**
 * A function that boots images, given as a path or as bytes: bare, as a batch,
 * with a tiny initramfs, unless the request says otherwise.
 * @param root a folder of the test's own; each boot gets a folder in it
 */
export function imageBooter(
  root: string,
): (image: Uint8Array | string, changes?: Partial<BootRequest>) => Promise<BootedImage> {
  const qemu = createQemu({ cacheFolder: join(root, 'cache') });
  return async (image, changes = {}) => {
    const guest = await qemu.start({ ...bootRequest(root, image), ...changes });
    const result = await guest.done;
    return { ...result, text: Buffer.from(result.console).toString('latin1') };
  };
}

/** A request to boot an image bare, as a batch, with a tiny initramfs. */
export function bootRequest(root: string, image: Uint8Array | string): BootRequest {
  const folder = mkdtempSync(join(root, 'run-'));
  const kernel = typeof image === 'string' ? image : join(folder, 'image');
  if (typeof image !== 'string') writeFileSync(kernel, image);
  return {
    environment: 'bare',
    kernel,
    initrd: tinyInitrd(root, 'count'),
    machine: defaultMachine,
    console: 'batch',
    folder,
    timeout: 5 * 60_000,
  };
}
