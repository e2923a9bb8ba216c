import { batchSilence, type BootRequest, type Emulator } from '../boot/types.js';
import { makeInitramfs, type Initramfs } from '../guest/initramfs.js';
import { counterPlugin } from '../measure/plugin.js';
import { calibration } from '../measure/workloads.js';
import type { Milliseconds } from '../units.js';
import type { Workspace } from '../workspace/types.js';
import type { Plan, PlannedCell } from './types.js';

/** What measuring is done with. */
export interface BenchServices {
  workspace: Workspace;
  emulator: Emulator;
}

/** What every run of a plan shares. */
export interface Bench extends BenchServices {
  /** Shared object of the counter plugin. */
  plugin: string;
  initramfs: Initramfs;
}

/** The counter plugin's file in the folder of a run. */
export const countsFile = 'counts.bin';

/** Far beyond a stock kernel under Xen on a loaded machine (about two minutes). */
const timeout: Milliseconds = 20 * 60_000;

/**
 * Makes the plugin and the initramfs of a plan.
 * @throws plugin-api-unknown, compiler-missing, native-build-failed, boot-qemu-missing, ...
 */
export async function prepareBench(services: BenchServices, plan: Plan): Promise<Bench> {
  const { workspace, emulator } = services;
  const plugin = await counterPlugin(workspace, await emulator.version());
  const initramfs = await makeInitramfs(workspace, {
    kind: 'workloads',
    workloads: [calibration.name, ...plan.workloads],
  });
  return { ...services, plugin, initramfs };
}

/** What the emulator is asked for, to run a cell of a plan in that folder. */
export function requestFor(
  { workspace, plugin, initramfs }: Bench,
  plan: Plan,
  cell: PlannedCell,
  folder: string,
): BootRequest {
  return {
    environment: cell.environment,
    kernel: workspace.store.path(cell.image),
    initrd: initramfs.path,
    append: plan.append,
    machine: plan.machine,
    plugin: { library: plugin, arguments: { out: countsFile } },
    console: 'batch',
    folder,
    timeout,
    silence: batchSilence,
  };
}
