import { z } from 'zod';
import type { ExperimentRecord, RunRecord } from '../../../db/records.js';
import { createEscapeFilter } from '../../boot/escapes.js';
import { lastLines } from '../../boot/index.js';
import { experimentsDocument } from '../../contract.js';
import { databaseErrors } from '../../errors/index.js';
import { tidy } from '../../report/figures.js';
import type { Workspace } from '../../workspace/types.js';
import { count } from '../inputs.js';
import { clock } from '../progress.js';
import { shortTime, table } from '../text.js';
import { defineVerb } from '../verb.js';

/** Of a failed run's console: a panic with its call trace. */
const shownLines = 20;

type Experiment = z.infer<typeof experimentsDocument>['experiments'][number];

export const experiments = defineVerb({
  name: 'experiments',
  summary: 'list the experiments of the workspace, or show one and its runs',
  examples: [
    ['kbl experiments', 'every experiment and how far it got'],
    ['kbl experiments lab', 'one experiment, run by run'],
    ['kbl experiments lab --console 3', 'what the guest of run 3 wrote on its console'],
  ],
  arguments: [{ syntax: '[experiment]', description: 'name or number', completion: 'experiment' }],
  options: [
    { flags: '--names', description: 'print names only, one a line' },
    { flags: '--console <run>', description: 'print the console of that run of the experiment' },
  ],
  input: z
    .object({
      experiment: z.string().optional(),
      names: z.boolean().default(false),
      console: count.optional(),
    })
    .refine(({ experiment, console }) => console === undefined || experiment !== undefined, {
      path: ['console'],
      message: 'expected an experiment before it',
    }),
  reply: experimentsDocument,
  async run(context, { experiment, console: run }) {
    const workspace = await context.workspace();
    const stored = workspace.database.experiments;
    const found = experiment === undefined ? await stored.list() : [await stored.find(experiment)];
    const [asked] = found;
    return {
      schema: 'kbl-experiments' as const,
      version: 1 as const,
      console: asked && run !== undefined ? await consoleOf(workspace, asked, run) : null,
      experiments: await Promise.all(
        found.map((record) => withRuns(workspace, record, experiment !== undefined)),
      ),
    };
  },
  document: (reply) => reply,
  render({ experiments: found, console }, _context, { experiment, names }) {
    if (console) return consoleText(console);
    if (names) return found.map(({ name }) => name).join('\n');
    if (experiment !== undefined) return found.map(experimentText).join('\n');
    if (found.length === 0) return 'no experiments yet: kbl run';
    const rows = found.map(({ id, name, state, runs, planned, createdAt }) => [
      String(id),
      name,
      state,
      `${runs.filter((run) => run.state === 'done').length} of ${planned}`,
      shortTime(createdAt),
    ]);
    return table([['ID', 'NAME', 'STATE', 'RUNS DONE', 'CREATED (UTC)'], ...rows], [0, 3]);
  },
});

type Console = NonNullable<z.infer<typeof experimentsDocument>['console']>;

/** @throws run-unknown, run-without-console */
async function consoleOf(
  { database: { runs } }: Workspace,
  { id, name }: ExperimentRecord,
  run: number,
): Promise<Console> {
  const record = (await runs.ofExperiment(id)).find((each) => each.id === run);
  if (!record) throw databaseErrors.runUnknown({ experiment: name, run });
  const stored = await runs.console(run);
  if (!stored) throw databaseErrors.runWithoutConsole({ run, state: record.state });
  const text = Buffer.from(stored.bytes).toString('utf8');
  return { run, text, truncated: stored.truncated };
}

/** As the guest wrote it, but for what a terminal must not be told to do. */
function consoleText({ text, truncated }: Console): string {
  const shown = Buffer.from(createEscapeFilter().push(Buffer.from(text))).toString('utf8');
  const lines = shown.replaceAll(/\r+\n/g, '\n').trimEnd();
  return truncated ? `${lines}\n(the rest was not kept)` : lines;
}

/** @param closely also how the consoles of failed runs end */
async function withRuns(
  { database }: Workspace,
  record: ExperimentRecord,
  closely: boolean,
): Promise<Experiment> {
  const { id, name, note, state, planHash, plan, createdAt, finishedAt } = record;
  const runs = await database.runs.ofExperiment(id);
  return {
    ...{ id, name, note, state, planHash, createdAt, finishedAt },
    workloads: plan.workloads,
    repeat: plan.repeat,
    planned: plan.cells.length * plan.repeat,
    runs: await Promise.all(
      runs.map(async (run) => ({
        ...summary(run),
        lastLines: closely && run.state === 'failed' ? await lastLinesOf(database, run) : null,
      })),
    ),
  };
}

async function lastLinesOf({ runs }: Workspace['database'], { id }: RunRecord): Promise<string[]> {
  const console = await runs.console(id);
  return console === undefined ? [] : lastLines(console.bytes, shownLines);
}

function summary(run: RunRecord): Omit<Experiment['runs'][number], 'lastLines'> {
  const { id, cell, repetition, label, environment, state, outcome, evidence, wall } = run;
  return { id, cell, repetition, label, environment, state, outcome, evidence, wall };
}

/** What a failed guest last said, as a paragraph; nothing for any other. */
function consoleEnd({ id, lastLines: lines }: Experiment['runs'][number]): string[] {
  if (lines === null || lines.length === 0) return [];
  return [[`the console of run ${id} ends with`, ...lines.map((l) => `  ${tidy(l)}`)].join('\n')];
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
  const list = table([['RUN', 'COLUMN', 'BOOT', 'STATE', 'WALL', ''], ...rows], [0, 2, 4]);
  return [head, list, ...runs.flatMap(consoleEnd)].join('\n\n');
}
