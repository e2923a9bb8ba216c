import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ExperimentRecord, RunRecord } from '../../db/records.js';
import { inputHash } from '../boot/input-hash.js';
import type { BootCommand } from '../boot/types.js';
import { begunWorkload } from '../guest/report.js';
import type { JobOptions, ProgressListener } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { countsFile, requestFor, type Bench } from './bench.js';
import { resultOf } from './figures.js';
import type { PlannedCell } from './types.js';

/**
 * Boots one cell once and stores the run: as started, then whole.
 * @throws cancelled before the guest started, and what stands in the way of any run; a run
 *   that was stored as started is then `interrupted`
 */
export async function runCell(
  bench: Bench,
  experiment: ExperimentRecord,
  at: { cell: number; repetition: number },
  { onProgress, signal }: JobOptions,
): Promise<RunRecord> {
  const { workspace, emulator, plugin } = bench;
  const { plan } = experiment;
  const cell = plan.cells[at.cell];
  if (cell === undefined) throw new Error(`the plan has no cell ${String(at.cell)}`);

  const folder = await workspace.temporaryFolder('run');
  try {
    const request = requestFor(bench, plan, cell, folder);
    const command = await emulator.command(request);
    const run = await workspace.database.runs.start({
      experimentId: experiment.id,
      ...at,
      ...describe(cell, command, plugin),
      cpu: plan.machine.cpu,
      inputHash: await inputHash(command),
    });
    for (const warning of command.warnings) {
      workspace.log.warn(warning, { run: run.id });
      onProgress?.({ kind: 'line', job: `run:${String(run.id)}`, text: `warning: ${warning}` });
    }
    const report = progressOf(run, cell, plan.workloads, onProgress);
    try {
      await report.started(workspace);
      const guest = await emulator.start(request, {
        signal,
        onProgress: (event) => {
          if (event.kind === 'line') report.line(event.text);
        },
      });
      const boot = await guest.done;
      const counts = await readFile(join(folder, countsFile)).catch(() => undefined);
      const result = resultOf(boot, counts, plan.workloads);
      const stored = await workspace.database.runs.finish(run.id, result);
      report.ended(stored);
      return stored;
    } catch (error) {
      // It must not count as running for as long as this process lives. Where not even
      // that can be stored (a full disk), the next process that opens the workspace does it.
      await workspace.database.runs.abandon(run.id).catch(() => undefined);
      report.abandoned(signal?.aborted ? 'cancelled' : 'failed');
      throw error;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function describe(cell: PlannedCell, command: BootCommand, plugin: string) {
  return {
    imageSha256: cell.image,
    label: cell.label,
    environment: cell.environment,
    program: command.program,
    argv: command.argv,
    kernelCommandLine: command.kernelCommandLine,
    xenCommandLine: command.xenCommandLine ?? null,
    versions: {
      emulator: command.versions.emulator,
      xen: command.versions.xen ?? null,
      plugin: basename(plugin, '.so'),
    },
  };
}

/** Turns a run's life into progress events: one job a run, one step a workload. */
function progressOf(
  run: RunRecord,
  cell: PlannedCell,
  workloads: readonly string[],
  onProgress: ProgressListener | undefined,
) {
  const job = `run:${String(run.id)}`;
  const total = workloads.length;
  return {
    async started(workspace: Workspace): Promise<void> {
      const expected = await workspace.database.runs.expectedWall(run);
      onProgress?.({ kind: 'start', job, title: `${cell.label} on ${cell.environment}`, expected });
      onProgress?.({ kind: 'step', job, detail: 'booting' });
    },
    line(text: string): void {
      onProgress?.({ kind: 'line', job, text });
      const name = begunWorkload(text);
      const index = name === undefined ? -1 : workloads.indexOf(name);
      if (name !== undefined && index >= 0) {
        onProgress?.({ kind: 'step', job, detail: name, done: index, total });
      }
    },
    ended({ state, evidence, differsFrom }: RunRecord): void {
      const result = state === 'done' ? 'done' : state === 'interrupted' ? 'cancelled' : 'failed';
      const detail =
        differsFrom.length > 0
          ? `counts differ from run ${differsFrom.join(', ')} with the same inputs`
          : state === 'done'
            ? ''
            : (evidence ?? '');
      onProgress?.({ kind: 'end', job, result, detail });
    },
    abandoned(result: 'cancelled' | 'failed'): void {
      onProgress?.({ kind: 'end', job, result });
    },
  };
}
