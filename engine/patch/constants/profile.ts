import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  batchSilence,
  lastLines,
  type BootRequest,
  type BootResult,
  type EnvironmentName,
  type Machine,
  type QemuEmulator,
  type QmpClient,
} from '../../boot/index.js';
import { bootErrors } from '../../errors/boot.js';
import { commonErrors } from '../../errors/common.js';
import { measureErrors } from '../../errors/measure.js';
import { plannedIterations } from '../../experiment/plan.js';
import { makeInitramfs } from '../../guest/initramfs.js';
import { typicalIteration } from '../../measure/cost.js';
import { readCounterFile } from '../../measure/counter-file.js';
import { iterationsOf } from '../../measure/iterations.js';
import { counterPlugin } from '../../measure/plugin.js';
import {
  readSiteCounts,
  siteExecutions,
  siteList,
  type SiteExecutions,
  type SiteList,
} from '../../measure/site-counts.js';
import type { WorkloadName } from '../../measure/types.js';
import { calibration } from '../../measure/workloads.js';
import type { JobOptions } from '../../progress.js';
import type { Milliseconds } from '../../units.js';
import type { Workspace } from '../../workspace/types.js';
import type { PatchKernel } from '../kernel.js';
import { findKernel } from '../observe/anchor.js';
import { imageRange, kernelMemory } from '../observe/memory.js';
import { readPhysical } from '../observe/physical.js';
import type { KernelMemory } from '../types.js';

/** Files in the folder of the run. */
const files = { counts: 'counts.bin', sites: 'sites.bin', siteCounts: 'site-counts.bin' } as const;

/** Far beyond a stock kernel under Xen on a loaded machine. */
const timeout: Milliseconds = 20 * 60_000;

export interface ProfileRequest {
  kernel: PatchKernel;
  /** The bzImage that `kernel` was read from. */
  file: string;
  environment: EnvironmentName;
  machine: Machine;
  workloads: readonly WorkloadName[];
  sites: CountedSites;
}

/** Instructions to count, by ascending address, and the variables that they read or write. */
export interface CountedSites extends SiteList {
  variable: ArrayLike<number>;
}

export interface Profile {
  executions: SiteExecutions;
  /** The kernel's memory when it has run everything and powers off. */
  memory: KernelMemory;
}

/**
 * Boots a kernel, runs workloads in it, and counts how often each of some instructions is executed.
 * @throws boot-*, patch-memory-not-found, measurement-incomplete, counter-file-malformed, cancelled, see makeInitramfs
 */
export async function profile(
  { workspace, emulator }: { workspace: Workspace; emulator: QemuEmulator },
  { kernel, file, environment, machine, workloads, sites }: ProfileRequest,
  options: JobOptions = {},
): Promise<Profile> {
  const library = await counterPlugin(workspace, await emulator.version());
  const { path: initrd } = await makeInitramfs(workspace, {
    kind: 'workloads',
    workloads: [calibration.name, ...workloads],
  });
  const folder = await workspace.temporaryFolder('profile');
  try {
    await writeFile(join(folder, files.sites), siteList(sites));
    const { counts, sites: list, siteCounts } = files;
    const request: BootRequest = {
      ...{ environment, kernel: file, initrd, machine, folder },
      plugin: { library, arguments: { out: counts, sites: list, siteout: siteCounts } },
      ...{ console: 'batch', timeout, silence: batchSilence, atShutdown: 'pause' },
    };
    const memory = await runToPowerOff(emulator, request, options, async (qmp) => {
      const found = await findKernel(kernel, machine.memory, readPhysical(qmp, folder));
      return kernelMemory(imageRange(kernel).start, found.bytes);
    });
    const table = readSiteCounts(await readFile(join(folder, siteCounts)), siteCounts);
    const markers = readCounterFile(await readFile(join(folder, counts)), counts);
    const typical = new Map(
      iterationsOf(markers, counts).map((one) => [one.workload, typicalIteration(one)]),
    );
    const executions = siteExecutions(table, sites.variable, typical, siteCounts);
    return {
      executions: complete(executions, workloads),
      memory,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Leaves the calibration out. @throws measurement-incomplete */
function complete(all: SiteExecutions, asked: readonly WorkloadName[]): SiteExecutions {
  const planned = plannedIterations(asked);
  const missing = asked.filter((name) => all.iterations.get(name) !== planned.get(name));
  if (missing.length > 0) throw measureErrors.incomplete({ missing: [...missing] });
  const workloads = new Map(asked.map((name) => [name, all.workloads.get(name)!]));
  return { ...all, workloads };
}

/** Runs a guest until it powers off, looks at it where it stands, and lets it end by itself. */
async function runToPowerOff<T>(
  emulator: QemuEmulator,
  request: BootRequest,
  options: JobOptions,
  look: (qmp: QmpClient) => Promise<T>,
): Promise<T> {
  const guest = await emulator.start(request, options);
  const failed = guest.done.then((result): never => {
    throw failure(request, result, options);
  });
  failed.catch(() => {});
  const looking = async (): Promise<T> => {
    const qmp = await guest.qmp();
    await untilStopped(qmp);
    const looked = await look(qmp);
    // The plugin writes its last record while QEMU ends in order.
    await qmp.execute('quit');
    return looked;
  };
  try {
    const looked = await Promise.race([looking(), failed]);
    const result = await guest.done;
    if (result.outcome !== 'completed') throw failure(request, result, options);
    return looked;
  } catch (error) {
    await guest.stop();
    if (options.signal?.aborted) throw commonErrors.cancelled({ what: 'the profile' }, error);
    throw error;
  }
}

async function untilStopped(qmp: QmpClient): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    qmp.onEvent(({ event }) => {
      if (event === 'STOP') resolve();
    });
    qmp.execute('query-status').then((status) => {
      if (!(status as { running: boolean }).running) resolve();
    }, reject);
  });
}

function failure(request: BootRequest, result: BootResult, { signal }: JobOptions): Error {
  if (signal?.aborted) return commonErrors.cancelled({ what: 'the profile' });
  const { outcome, evidence } = result;
  const lines = lastLines(result.console, 5);
  return bootErrors.notCompleted({ image: request.kernel, outcome, evidence, lines });
}
