import { z } from 'zod';
import type { ExperimentRecord, RunRecord } from '../../../db/records.js';
import { experimentsDocument } from '../../contract.js';
import type { Workspace } from '../../workspace/types.js';
import { clock } from '../progress.js';
import { shortTime, table } from '../text.js';
import { defineVerb } from '../verb.js';

type Experiment = z.infer<typeof experimentsDocument>['experiments'][number];

export const experiments = defineVerb({
  name: 'experiments',
  summary: 'list the experiments of the workspace, or show one and its runs',
  examples: [
    ['kbl experiments', 'every experiment and how far it got'],
    ['kbl experiments lab', 'one experiment, run by run'],
  ],
  arguments: [{ syntax: '[experiment]', description: 'name or number', completion: 'experiment' }],
  options: [{ flags: '--names', description: 'print names only, one a line' }],
  input: z.object({ experiment: z.string().optional(), names: z.boolean().default(false) }),
  reply: experimentsDocument,
  async run(context, { experiment }) {
    const workspace = await context.workspace();
    const stored = workspace.database.experiments;
    const found = experiment === undefined ? await stored.list() : [await stored.find(experiment)];
    return {
      schema: 'kbl-experiments' as const,
      version: 1 as const,
      experiments: await Promise.all(found.map((record) => withRuns(workspace, record))),
    };
  },
  document: (reply) => reply,
  render({ experiments: found }, _context, { experiment, names }) {
    if (names) return found.map(({ name }) => name).join('\n');
    if (experiment !== undefined) return found.map(experimentText).join('\n');
    if (found.length === 0) return 'no experiments yet: kbl run';
    const rows = found.map(({ id, name, state, runs, createdAt }) => [
      String(id),
      name,
      state,
      `${runs.filter((run) => run.state === 'done').length} of ${runs.length}`,
      shortTime(createdAt),
    ]);
    return table([['ID', 'NAME', 'STATE', 'RUNS DONE', 'CREATED (UTC)'], ...rows], [0, 3]);
  },
});

async function withRuns({ database }: Workspace, record: ExperimentRecord): Promise<Experiment> {
  const { id, name, note, state, planHash, plan, createdAt, finishedAt } = record;
  const runs = await database.runs.ofExperiment(id);
  return {
    ...{ id, name, note, state, planHash, createdAt, finishedAt },
    workloads: plan.workloads,
    repeat: plan.repeat,
    runs: runs.map(summary),
  };
}

function summary(run: RunRecord): Experiment['runs'][number] {
  const { id, cell, repetition, label, environment, state, outcome, evidence, wall } = run;
  return { id, cell, repetition, label, environment, state, outcome, evidence, wall };
}

function experimentText(experiment: Experiment): string {
  const { name, state, note, planHash, workloads, repeat, createdAt, runs } = experiment;
  const head = table([
    ['name', name],
    ['state', state],
    ...(note === '' ? [] : [['note', note]]),
    ['plan', planHash],
    ['workloads', workloads.join(' ')],
    ['boots of each', String(repeat)],
    ['created', createdAt],
  ]);
  const rows = runs.map((run) => [
    String(run.id),
    `${run.label}/${run.environment}`,
    String(run.repetition + 1),
    run.state,
    run.wall === null ? '' : clock(run.wall),
    run.state === 'done' ? '' : (run.evidence ?? ''),
  ]);
  return `${head}\n\n${table([['RUN', 'COLUMN', 'BOOT', 'STATE', 'WALL', ''], ...rows], [0, 2, 4])}`;
}
