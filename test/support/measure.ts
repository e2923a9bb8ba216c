import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { MeasurementRecord, RunRecord, RunResult } from '../../db/records.js';
import { createQemu } from '../../engine/boot/qemu/emulator.js';
import { defaultMachine, type EnvironmentName } from '../../engine/boot/types.js';
import { resultOf } from '../../engine/experiment/figures.js';
import { createExperiment, runExperiment } from '../../engine/experiment/runner.js';
import { chooseWorkloads } from '../../engine/experiment/plan.js';
import { makeInitramfs } from '../../engine/guest/initramfs.js';
import { counterPlugin } from '../../engine/measure/plugin.js';
import { calibration } from '../../engine/measure/workloads.js';
import type { WorkloadCost } from '../../engine/measure/types.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { testFolder } from './test-folder.js';

/** A fresh workspace for one test, closed and removed when it is over. */
export async function testWorkspace(): Promise<Workspace> {
  const workspace = await openWorkspace(await testFolder());
  onTestFinished(() => workspace.close());
  return workspace;
}

export interface MeasuredCell {
  run: RunRecord;
  measurements: MeasurementRecord[];
}

/** Measures image files with the real emulator; the runs in the order of the plan. */
export async function measure(
  workspace: Workspace,
  cells: readonly { file: string; environment: EnvironmentName }[],
  choice: { workloads?: string[]; append?: string; repeat?: number } = {},
): Promise<MeasuredCell[]> {
  const emulator = createQemu({ cacheFolder: `${inject('kernels').home}/xen` });
  const planned = [];
  for (const { file, environment } of cells) {
    const { sha256 } = await workspace.store.put({ file });
    planned.push({ image: sha256, label: environment, environment });
  }
  const experiment = await createExperiment(workspace, {
    name: `test-${String(planned.length)}-${String(performance.now())}`,
    plan: {
      schema: 1,
      cells: planned,
      workloads: chooseWorkloads(choice.workloads),
      repeat: choice.repeat ?? 1,
      machine: { ...defaultMachine },
      append: choice.append ?? '',
    },
  });
  await runExperiment({ workspace, emulator }, experiment.id);
  const { runs, measurements } = workspace.database;
  return Promise.all(
    (await runs.ofExperiment(experiment.id)).map(async (run) => ({
      run,
      measurements: await measurements.ofRun(run.id),
    })),
  );
}

/** Cost of every workload of a run, by name. */
export function costs({
  measurements,
}: {
  measurements: readonly WorkloadCost[];
}): Record<string, number> {
  return Object.fromEntries(
    measurements.map(({ workload, instructions }) => [workload, instructions]),
  );
}

/**
 * One boot outside of any experiment, for what no plan can ask for: another
 * initramfs, the plugin's other mode.
 */
export async function measureOnce(
  workspace: Workspace,
  cell: { file: string; environment: EnvironmentName },
  change: { extraInitrd?: Uint8Array; mode?: 'inline' | 'callback'; workloads?: string[] } = {},
): Promise<RunResult> {
  const emulator = createQemu({ cacheFolder: `${inject('kernels').home}/xen` });
  const workloads = chooseWorkloads(change.workloads);
  const initramfs = await makeInitramfs(workspace, {
    kind: 'workloads',
    workloads: [calibration.name, ...workloads],
  });
  const folder = await workspace.temporaryFolder('once');
  // The kernel unpacks concatenated archives one after the other.
  const initrd = join(folder, 'initrd.cpio');
  await writeFile(
    initrd,
    Buffer.concat([await readFile(initramfs.path), change.extraInitrd ?? new Uint8Array(0)]),
  );
  const guest = await emulator.start({
    environment: cell.environment,
    kernel: cell.file,
    initrd,
    machine: { ...defaultMachine },
    plugin: {
      library: await counterPlugin(workspace, await emulator.version()),
      arguments: { out: 'counts.bin', mode: change.mode ?? 'inline' },
    },
    console: 'batch',
    folder,
  });
  const boot = await guest.done;
  return resultOf(boot, await readFile(join(folder, 'counts.bin')), workloads);
}
