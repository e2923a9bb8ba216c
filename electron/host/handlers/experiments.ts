import type { ExperimentRecord, RunRecord } from '../../../db/records.js';
import { plainText } from '../../../engine/boot/index.js';
import type {
  Experiment,
  experimentsJobs,
  experimentsMethods,
  Run,
} from '../../../engine/contract/app/experiments.js';
import { databaseErrors } from '../../../engine/errors/database.js';
import { estimate } from '../../../engine/experiment/estimate.js';
import { chooseWorkloads } from '../../../engine/experiment/plan.js';
import { createExperiment } from '../../../engine/experiment/runner.js';
import { workloadByName } from '../../../engine/measure/workloads.js';
import { shellWord } from '../../../engine/report/words.js';
import type { Milliseconds } from '../../../engine/units.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { planChoices } from '../experiments/choices.js';
import { performPlan, standardExperiment } from '../experiments/perform.js';
import type { Handlers, JobHandlers } from '../handler.js';

/** Longer than the toast that offers it. */
const undoFor: Milliseconds = 20_000;

export const experimentHandlers: Handlers<keyof typeof experimentsMethods> = {
  'experiments.list': async (context) => {
    const workspace = await context.workspace();
    // The command line may have died in the middle of one.
    await workspace.database.reclaim();
    const records = await workspace.database.experiments.list();
    const shown = records.filter(({ id }) => !context.experimentRemovals.isHidden(id));
    return { experiments: await Promise.all(shown.map((one) => withProgress(workspace, one))) };
  },
  'experiments.runs': async (context, { id }) => {
    const { database } = await context.workspace();
    return { runs: (await database.runs.ofExperiment(id)).map(runEntry) };
  },
  'experiments.run': async (context, { experiment: id, run }) => {
    const { database } = await context.workspace();
    const { name } = await existing(database, id);
    const record = await database.runs.byId(run);
    if (record?.experimentId !== id) throw databaseErrors.runUnknown({ experiment: name, run });
    const image = await database.images.bySha256(record.imageSha256);
    const stored = await database.runs.console(run);
    const { imageSha256, inputHash, program, argv, kernelCommandLine, xenCommandLine } = record;
    const { versions, cpu, finishedAt, bootInstructions, memTotalKiB, memoryLine } = record;
    return {
      ...runEntry(record),
      experiment: { id, name },
      ...{ imageSha256, inputHash, program, argv, kernelCommandLine, xenCommandLine },
      ...{ versions, cpu, finishedAt, bootInstructions, memTotalKiB, memoryLine },
      image: image?.name ?? null,
      command: [program, ...argv].map(shellWord).join(' '),
      measurements: await measurementsOf(database, run),
      console: stored
        ? { text: plainText(new TextDecoder().decode(stored.bytes)), truncated: stored.truncated }
        : null,
    };
  },
  'experiments.choices': (context) => planChoices(context),
  'experiments.estimate': async (context, plan) => estimate(await context.workspace(), plan),
  'experiments.create': async (context, { name, note, plan }) => {
    const workspace = await context.workspace();
    const { id } = await createExperiment(workspace, {
      name: name ?? 'measure',
      numbered: name === null,
      note,
      plan: { ...plan, workloads: chooseWorkloads(plan.workloads) },
    });
    context.tell('experiments', {});
    return { id };
  },
  'experiments.describe': async (context, { id, name, note }) => {
    const { database } = await context.workspace();
    await database.experiments.describe(id, {
      ...(name === undefined ? {} : { name }),
      ...(note === undefined ? {} : { note }),
    });
    context.tell('experiments', {});
    return {};
  },
  'experiments.remove': async (context, { id }) => {
    const { database } = await context.workspace();
    await database.experiments.requireIdle(id);
    context.experimentRemovals.hide(id, undoFor);
    context.tell('experiments', {});
    return { undoFor };
  },
  'experiments.restore': (context, { id }) => {
    const restored = context.experimentRemovals.restore(id);
    if (restored) context.tell('experiments', {});
    return { restored };
  },
};

export const experimentJobPlans: JobHandlers<keyof typeof experimentsJobs> = {
  'experiments.perform': async (context, { id }) => {
    const { database } = await context.workspace();
    // A second job here is refused by its subject, one in another process by the database.
    return performPlan(context, await existing(database, id));
  },
  'experiments.standard': (context, request) => standardExperiment(context, request),
};

/** @throws experiment-unknown */
async function existing(database: Workspace['database'], id: number): Promise<ExperimentRecord> {
  const record = await database.experiments.byId(id);
  if (!record) throw databaseErrors.experimentUnknown({ reference: String(id) });
  return record;
}

async function withProgress(
  { database }: Workspace,
  { id, name, note, state, plan, planHash, createdAt, finishedAt }: ExperimentRecord,
): Promise<Experiment> {
  const runs = await database.runs.ofExperiment(id);
  return {
    ...{ id, name, note, state, plan, planHash, createdAt, finishedAt },
    planned: plan.cells.length * plan.repeat,
    done: runs.filter((run) => run.state === 'done').length,
  };
}

function runEntry(record: RunRecord): Run {
  const { id, cell, repetition, label, environment, state, outcome, evidence } = record;
  const { startedAt, wall, differsFrom } = record;
  return {
    ...{ id, cell, repetition, label, environment, state, outcome, evidence },
    ...{ startedAt, wall, differsFrom },
  };
}

async function measurementsOf({ measurements }: Workspace['database'], run: number) {
  const samples = new Map((await measurements.samples(run)).map((one) => [one.workload, one]));
  return (await measurements.ofRun(run)).map(({ runId: _, ...cost }) => {
    const { user = [], kernel = [], hypervisor = [] } = samples.get(cost.workload) ?? {};
    return {
      ...cost,
      operation: workloadByName(cost.workload)?.operation ?? '',
      samples: Float64Array.from(user, (count, i) => count + kernel[i]! + hypervisor[i]!),
    };
  });
}
