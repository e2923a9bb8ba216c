import { defaultMachine, type BootRequest, type QemuEmulator } from '../../../engine/boot/index.js';
import type { ParamsOf } from '../../../engine/contract/app/index.js';
import { LabError } from '../../../engine/errors/lab-error.js';
import { makeInitramfs } from '../../../engine/guest/initramfs.js';
import { liveCountsFile } from '../../../engine/measure/live-counts.js';
import { livePlugin } from '../../../engine/measure/plugin.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import type { HostContext } from '../context.js';
import { bootFactsOf } from '../image-facts.js';

/** What a console boots, again at each reset; the folder is another each time. */
export interface ConsoleRequest {
  boot: Omit<BootRequest, 'folder'>;
  /** Why it may not come up. Booted all the same: how it fails may be what is to be seen. */
  warnings: string[];
}

/** @throws image-unknown, store-missing, store-damaged, and what makeInitramfs throws */
export async function consoleRequest(
  context: Pick<HostContext, 'workspace' | 'threads' | 'consoles'>,
  params: ParamsOf<'console.boot'>,
  signal: AbortSignal,
): Promise<ConsoleRequest> {
  const { image: sha256, environment, memory, append, xenAppend } = params;
  const workspace = await context.workspace();
  const { name } = await workspace.database.images.find(sha256);
  const kernel = await workspace.store.verified(sha256, { signal });
  const { verdicts, drivesSerialPort } = await bootFactsOf(context, sha256, signal);
  const { boots, reason } = verdicts[environment];
  const { path: initrd } = await makeInitramfs(workspace, { kind: 'shell' });
  const counting = await counter(workspace, context.consoles.emulator(workspace));
  return {
    boot: {
      ...{ environment, kernel, initrd, append, xenAppend, plugin: counting.plugin },
      machine: { ...defaultMachine, memory: memory ?? defaultMachine.memory },
      console: 'interactive',
      ownLines: params.ownLines && drivesSerialPort,
    },
    warnings: [
      ...(boots ? [] : [`${name} does not boot as ${environment}: ${reason}`]),
      ...counting.warnings,
    ],
  };
}

/** What counts by domain while the guest runs. A guest is worth its console without it too. */
async function counter(
  workspace: Workspace,
  emulator: QemuEmulator,
): Promise<{ plugin: BootRequest['plugin']; warnings: string[] }> {
  const { version, plugins } = await emulator.capabilities();
  if (!plugins) {
    return {
      plugin: undefined,
      warnings: [`${version} has no TCG plugins: nothing is counted by domain`],
    };
  }
  try {
    const library = await livePlugin(workspace, version);
    return { plugin: { library, arguments: { out: liveCountsFile } }, warnings: [] };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { plugin: undefined, warnings: [`nothing is counted by domain: ${error.message}`] };
  }
}
