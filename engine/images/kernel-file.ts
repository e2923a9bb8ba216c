import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { commonErrors } from '../errors/common.js';
import { imagesErrors } from '../errors/images.js';
import { workspaceErrors } from '../errors/workspace.js';
import type { Bytes } from '../units.js';

/** A vmlinux with debug information has some 800 MB; a bzImage has 5 to 15. */
export const kernelFileLimit: Bytes = 1024 ** 3;

/**
 * All bytes of a kernel image that the user named.
 * @throws file-missing, not-a-regular-file, image-too-large
 */
export async function readKernelFile(file: string): Promise<Uint8Array> {
  // Opening a pipe must not wait for its other end.
  const unreadable = (cause: unknown): never => {
    throw commonErrors.fileMissing({ file, what: 'the kernel image' }, cause);
  };
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(unreadable);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw workspaceErrors.notRegularFile({ file });
    if (stat.size > kernelFileLimit) {
      throw imagesErrors.tooLarge({ file, size: stat.size, limit: kernelFileLimit });
    }
    return await handle.readFile().catch(unreadable);
  } finally {
    await handle.close();
  }
}
