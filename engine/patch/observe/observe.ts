import { rm } from 'node:fs/promises';
import { inputHash } from '../../boot/input-hash.js';
import {
  batchSilence,
  defaultMachine,
  type BootRequest,
  type BootResult,
} from '../../boot/index.js';
import { makeInitramfs } from '../../guest/initramfs.js';
import type { JobOptions } from '../../progress.js';
import type { Milliseconds, Sha256 } from '../../units.js';
import { findKernel, type FoundKernel } from './anchor.js';
import { withHeldMachine } from './hold.js';
import { digestOf, findKept, keep } from './keep.js';
import { imageRange, kernelMemory } from './memory.js';
import { readPhysical } from './physical.js';
import type { Observation, ObservationRecord, ObserveRequest, ObserveServices } from './types.js';

/** Far beyond a stock kernel under Xen on a loaded machine (about two minutes). */
const timeout: Milliseconds = 20 * 60_000;

/** What the emulator is asked for, to observe a kernel in that folder. @throws see makeInitramfs */
export async function observeRequest(
  { workspace }: Pick<ObserveServices, 'workspace'>,
  {
    file,
    environment,
    machine = defaultMachine,
    append,
    xenAppend,
  }: Omit<ObserveRequest, 'kernel'>,
  folder: string,
): Promise<BootRequest> {
  const { path: initrd } = await makeInitramfs(workspace, { kind: 'hold' });
  return {
    ...{ environment, kernel: file, initrd, machine: { ...machine }, append, xenAppend, folder },
    ...{ console: 'batch', timeout, silence: batchSilence, atShutdown: 'pause' },
  };
}

/**
 * The memory of a kernel that has booted in an environment: boots it and looks, or finds
 * what was seen when the same was booted before.
 * @throws patch-memory-not-found, boot-*, workspace-*, cancelled, see makeInitramfs
 */
export async function observe(
  services: ObserveServices,
  request: ObserveRequest,
  options: JobOptions = {},
): Promise<Observation> {
  const { workspace, emulator } = services;
  const { label } = request.kernel;
  const folder = await workspace.temporaryFolder('observe');
  try {
    const boot = await observeRequest(services, request, folder);
    const command = await emulator.command(boot);
    const hash = await inputHash(command);
    const what = `booting ${label} as ${request.environment}`;
    const job = jobOf(`observe:${hash.slice(0, 12)}`, what, options);
    return await workspace.withLock(
      `observe:${hash}`,
      { what, signal: options.signal },
      async () => {
        const kept = await findKept(workspace, hash, options);
        if (kept) {
          job.end('cached');
          return observation(kept.observation, kept.memory, true);
        }
        for (const warning of command.warnings) workspace.log.warn(warning, { observation: hash });
        return job.of(() => look(services, request, boot, hash, job.options));
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What was seen when the same was booted before; undefined when it was not. Nothing is booted.
 * @throws boot-* (no emulator), workspace-*, see makeInitramfs
 */
export async function findObservation(
  services: ObserveServices,
  request: ObserveRequest,
  options: JobOptions = {},
): Promise<Observation | undefined> {
  const { workspace, emulator } = services;
  const folder = await workspace.temporaryFolder('observe');
  try {
    const command = await emulator.command(await observeRequest(services, request, folder));
    const kept = await findKept(workspace, await inputHash(command), options);
    return kept && observation(kept.observation, kept.memory, true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function look(
  { workspace, emulator }: ObserveServices,
  request: ObserveRequest,
  boot: BootRequest,
  hash: Sha256,
  options: { onLine: (text: string) => void; signal: AbortSignal | undefined },
): Promise<Observation> {
  const { looked, result } = await withHeldMachine(emulator, boot, options, async (machine) => ({
    exact: machine.exact,
    found: await findKernel(
      request.kernel,
      boot.machine.memory,
      readPhysical(machine.qmp, boot.folder),
    ),
  }));
  const record = recordOf(hash, request, boot, looked, result);
  await keep(workspace, record, looked.found.bytes);
  return observation(record, looked.found.bytes, false);
}

/** An observation's life as progress events. */
function jobOf(job: string, title: string, { onProgress, signal }: JobOptions) {
  onProgress?.({ kind: 'start', job, title });
  const end = (result: 'done' | 'cached' | 'failed' | 'cancelled'): void =>
    onProgress?.({ kind: 'end', job, result });
  return {
    end,
    options: { signal, onLine: (text: string) => onProgress?.({ kind: 'line', job, text }) },
    async of<T>(work: () => Promise<T>): Promise<T> {
      try {
        const result = await work();
        end('done');
        return result;
      } catch (error) {
        end(signal?.aborted ? 'cancelled' : 'failed');
        throw error;
      }
    },
  };
}

function recordOf(
  hash: Sha256,
  { kernel }: ObserveRequest,
  { environment, machine }: BootRequest,
  { exact, found }: { exact: boolean; found: FoundKernel },
  { command, console, wall }: BootResult,
): ObservationRecord {
  const { program, argv, kernelCommandLine, xenCommandLine, versions } = command;
  return {
    inputHash: hash,
    image: digestOf(kernel.bzImage.bytes),
    ...{ environment, machine },
    command: { program, argv, kernelCommandLine, xenCommandLine, versions },
    range: imageRange(kernel),
    physical: found.physical,
    exact,
    sha256: digestOf(found.bytes),
    console: Buffer.from(console).toString('utf8'),
    wall,
  };
}

function observation(record: ObservationRecord, memory: Uint8Array, cached: boolean): Observation {
  return {
    ...record,
    cpu: record.machine.cpu,
    memory: kernelMemory(record.range.start, memory),
    cached,
  };
}
