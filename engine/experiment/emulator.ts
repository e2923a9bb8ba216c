import { join } from 'node:path';
import { createQemu, type QemuEmulator } from '../boot/index.js';
import type { Workspace } from '../workspace/types.js';

/** The emulator of a workspace, which keeps the unpacked hypervisor there. */
export function workspaceEmulator({ folders }: Pick<Workspace, 'folders'>): QemuEmulator {
  return createQemu({ cacheFolder: join(folders.home, 'xen') });
}
