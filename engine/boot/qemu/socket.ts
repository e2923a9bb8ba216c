import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootErrors } from '../../errors/boot.js';
import type { Milliseconds } from '../../units.js';

/** How often a socket that is not there yet is tried. */
const retryInterval: Milliseconds = 50;

/**
 * Connects to a socket of a QEMU that runs or is just starting. A path is
 * reached through the folder's file descriptor, since a UNIX socket address
 * holds 107 bytes and a workspace's path may be longer.
 * @param alive whether QEMU still runs: without a socket it is waited for so long
 * @throws boot-qmp-closed
 */
export async function connectSocket(
  folder: string,
  name: string,
  alive: () => boolean,
): Promise<Socket> {
  const directory = await open(folder, 'r');
  try {
    const path = join('/proc/self/fd', String(directory.fd), name);
    for (;;) {
      const socket = connect(path);
      try {
        await once(socket, 'connect');
        return socket;
      } catch (error) {
        const absent = ['ENOENT', 'ECONNREFUSED'].includes((error as { code?: string }).code ?? '');
        if (!absent) throw error;
        if (!alive()) {
          const trouble = `it has ended, or has no socket ${name}`;
          throw bootErrors.qmpClosed({ command: 'the connection', trouble }, error);
        }
      }
      await sleep(retryInterval);
    }
  } finally {
    await directory.close();
  }
}
