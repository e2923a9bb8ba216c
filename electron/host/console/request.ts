import { defaultMachine, type BootRequest } from '../../../engine/boot/index.js';
import type { ParamsOf } from '../../../engine/contract/app/index.js';
import { makeInitramfs } from '../../../engine/guest/initramfs.js';
import { describeFile } from '../../../engine/images/import-image.js';
import { readKernelFile } from '../../../engine/images/kernel-file.js';
import type { Workspace } from '../../../engine/workspace/types.js';

/** What a console boots, again at each reset; the folder is another each time. */
export interface ConsoleRequest {
  boot: Omit<BootRequest, 'folder'>;
  /** Why it may not come up. Booted all the same: how it fails may be what is to be seen. */
  warnings: string[];
}

/** @throws image-unknown, store-missing, store-damaged, and what makeInitramfs throws */
export async function consoleRequest(
  workspace: Workspace,
  { image: sha256, environment, memory, append, xenAppend }: ParamsOf<'console.boot'>,
  signal: AbortSignal,
): Promise<ConsoleRequest> {
  const { name } = await workspace.database.images.find(sha256);
  const kernel = await workspace.store.verified(sha256, { signal });
  const { bootsAs } = await describeFile(kernel, await readKernelFile(kernel), { signal });
  const verdict = bootsAs.find((one) => one.environment === environment);
  const { path: initrd } = await makeInitramfs(workspace, { kind: 'shell' });
  return {
    boot: {
      ...{ environment, kernel, initrd, append, xenAppend },
      machine: { ...defaultMachine, memory: memory ?? defaultMachine.memory },
      console: 'interactive',
    },
    warnings:
      verdict?.boots === false
        ? [`${name} does not boot as ${environment}: ${verdict.reason}`]
        : [],
  };
}
