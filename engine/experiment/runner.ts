import type { ExperimentRecord, RunRecord } from '../../db/records.js';
import { commonErrors } from '../errors/common.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { prepareBench, type Bench, type BenchServices } from './bench.js';
import { runCell } from './cell.js';
import { planHash } from './plan.js';
import type { Plan } from './types.js';

export interface NewExperimentOptions {
  name: string;
  /** The name is the lab's own choice: a number is added where it is taken. */
  numbered?: boolean | undefined;
  note?: string | undefined;
  plan: Plan;
}

/** Stores a plan under a name. @throws name-taken, name-invalid */
export function createExperiment(
  workspace: Workspace,
  { name, numbered = false, note = '', plan }: NewExperimentOptions,
): Promise<ExperimentRecord> {
  return workspace.database.experiments.create(
    { name, note, plan, planHash: planHash(plan) },
    { ifNameTaken: numbered ? 'number' : 'refuse' },
  );
}

/**
 * Runs what an experiment's plan still lacks: every cell of the first
 * repetition, then of the next. Runs that are done are not repeated, so that an
 * interrupted experiment goes on where it stopped. A run that fails does not
 * keep the others from running.
 *
 * @returns the experiment, `done` or `failed` if any of its runs failed
 * @throws cancelled (what ran until then is stored), experiment-unknown,
 *   experiment-busy, and what stands in the way of any run: plugin-api-unknown,
 *   compiler-missing, boot-qemu-missing, ...
 */
export async function runExperiment(
  services: BenchServices,
  id: number,
  options: JobOptions = {},
): Promise<ExperimentRecord> {
  const { experiments } = services.workspace.database;
  const experiment = await experiments.setState(id, 'running');
  try {
    const bench = await prepareBench(services, experiment.plan);
    const runs = await runMissing(bench, experiment, options);
    return await experiments.setState(id, runs.every(isDone) ? 'done' : 'failed');
  } catch (error) {
    await experiments.setState(id, 'interrupted');
    throw error;
  }
}

async function runMissing(
  bench: Bench,
  experiment: ExperimentRecord,
  options: JobOptions,
): Promise<RunRecord[]> {
  const { cells, repeat } = experiment.plan;
  const earlier = await bench.workspace.database.runs.ofExperiment(experiment.id);
  const runs: RunRecord[] = [];
  for (let repetition = 0; repetition < repeat; repetition++) {
    for (let cell = 0; cell < cells.length; cell++) {
      const before = earlier.find(
        (run) => run.cell === cell && run.repetition === repetition && isDone(run),
      );
      stopIfAborted(experiment, options);
      runs.push(before ?? (await runCell(bench, experiment, { cell, repetition }, options)));
    }
  }
  stopIfAborted(experiment, options);
  return runs;
}

function stopIfAborted({ id, name }: ExperimentRecord, { signal }: JobOptions): void {
  if (!signal?.aborted) return;
  const hint = `what ran until now is stored; go on with: kbl resume ${id}`;
  throw commonErrors.cancelled({ what: `experiment ${name}`, hint });
}

function isDone({ state }: RunRecord): boolean {
  return state === 'done';
}
