import { z } from 'zod';
import { environmentNames } from '../../boot/types.js';
import { method, jobMethod } from './method.js';

const id = z.int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const environment = z.enum(environmentNames);
const wall = z.number().describe('milliseconds; emulated, not comparable with hardware');

const plan = z.strictObject({
  schema: z.literal(1),
  cells: z.array(z.strictObject({ image: sha256, label: z.string().max(200), environment })).min(1),
  workloads: z.array(z.string()).min(1),
  repeat: z.int().min(1).max(100),
  machine: z.strictObject({
    cpu: z.string(),
    memory: z.int().min(64).describe('MiB'),
    dom0Memory: z.int().min(64).describe('MiB'),
  }),
  append: z.string().max(1000),
});
export type ExperimentPlan = z.infer<typeof plan>;

const experiment = z.strictObject({
  id,
  name: z.string(),
  note: z.string(),
  state: z.enum(['planned', 'running', 'done', 'failed', 'interrupted']),
  plan,
  planHash: sha256,
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  planned: z.int().describe('boots that the plan asks for'),
  done: z.int().describe('of these, how many are done'),
});
export type Experiment = z.infer<typeof experiment>;

const run = z.strictObject({
  id,
  cell: z.int(),
  repetition: z.int().describe('from 0'),
  label: z.string(),
  environment,
  state: z.enum(['running', 'done', 'failed', 'interrupted']),
  outcome: z.string().nullable(),
  evidence: z.string().nullable(),
  startedAt: z.string(),
  wall: wall.nullable(),
  differsFrom: z.array(id).describe('earlier runs of the same inputs that counted differently'),
});
export type Run = z.infer<typeof run>;

const counts = z.strictObject({ user: z.number(), kernel: z.number(), hypervisor: z.number() });

const measurement = z.strictObject({
  workload: z.string(),
  operation: z.string().describe('what one operation is'),
  iterations: z.int(),
  instructions: z.number(),
  statistic: z.enum(['mode', 'median']),
  split: counts,
  minimum: z.number(),
  mean: z.number(),
  maximum: z.number(),
  disturbed: z.int().describe('iterations whose cost is not the reported one'),
  samples: z.instanceof(Float64Array).describe('instructions of every iteration, in order'),
});
export type Measurement = z.infer<typeof measurement>;

const runDetails = run.extend({
  experiment: z.strictObject({ id, name: z.string() }),
  imageSha256: sha256,
  image: z.string().nullable().describe('its name; null when it was deleted'),
  inputHash: sha256,
  program: z.string(),
  argv: z.array(z.string()),
  command: z.string().describe('both, to be pasted into a shell'),
  kernelCommandLine: z.string(),
  xenCommandLine: z.string().nullable(),
  versions: z.strictObject({
    emulator: z.string(),
    xen: z.string().nullable(),
    plugin: z.string().nullable(),
  }),
  cpu: z.string(),
  finishedAt: z.string().nullable(),
  bootInstructions: counts.nullable().describe('reset to /init; user is firmware and boot code'),
  memTotalKiB: z.number().nullable(),
  memoryLine: z.string().nullable(),
  measurements: z.array(measurement),
  console: z
    .strictObject({ text: z.string(), truncated: z.boolean() })
    .nullable()
    .describe('null for a run that goes on or was interrupted'),
});
export type RunDetails = z.infer<typeof runDetails>;

const verdict = z.strictObject({ environment, boots: z.boolean(), reason: z.string() });
const choices = z.strictObject({
  images: z.array(z.strictObject({ sha256, name: z.string(), verdicts: z.array(verdict) })),
  environments: z.array(z.strictObject({ name: environment, summary: z.string() })),
  workloads: z.array(z.strictObject({ name: z.string(), operation: z.string() })),
  machine: plan.shape.machine,
});
export type Choices = z.infer<typeof choices>;

const estimate = z.strictObject({
  wall: wall.describe('of the boots that earlier runs tell something of'),
  unknown: z.int().describe('boots of which they tell nothing'),
});
export type Estimate = z.infer<typeof estimate>;

/** How far a running experiment is; told as it goes on (notices.ts). */
export const experimentProgress = z.strictObject({
  experiment: id,
  done: z.int().describe('boots that are over'),
  planned: z.int(),
  run: z
    .strictObject({
      id,
      title: z.string(),
      detail: z.string(),
      done: z.number().nullable(),
      total: z.number().nullable(),
      expected: wall.nullable(),
      startedAt: z.number().describe('Date.now()'),
    })
    .nullable(),
});
export type ExperimentProgress = z.infer<typeof experimentProgress>;

const nothing = z.strictObject({});
const one = z.strictObject({ id });
const started = z.strictObject({ id });

export const experimentsMethods = {
  'experiments.list': method({
    params: nothing,
    reply: z.strictObject({ experiments: z.array(experiment) }),
    event: z.never(),
  }),
  'experiments.runs': method({
    params: one,
    reply: z.strictObject({ runs: z.array(run) }),
    event: z.never(),
  }),
  'experiments.run': method({
    params: z.strictObject({ experiment: id, run: id }),
    reply: runDetails,
    event: z.never(),
  }),
  'experiments.choices': method({ params: nothing, reply: choices, event: z.never() }),
  'experiments.estimate': method({
    params: plan.pick({ cells: true, workloads: true, repeat: true }),
    reply: estimate,
    event: z.never(),
  }),
  /** Stores a plan; `experiments.perform` runs it. */
  'experiments.create': method({
    params: z.strictObject({
      name: z.string().max(200).nullable().describe('null for measure, measure-2, ...'),
      note: z.string().max(10_000),
      plan,
    }),
    reply: started,
    event: z.never(),
  }),
  'experiments.describe': method({
    params: z.strictObject({
      id,
      name: z.string().max(200).optional(),
      note: z.string().max(10_000).optional(),
    }),
    reply: nothing,
    event: z.never(),
  }),
  /** Hides an experiment at once, and deletes it when the time for undoing is over. */
  'experiments.remove': method({
    params: one,
    reply: z.strictObject({ undoFor: z.number().describe('milliseconds') }),
    event: z.never(),
  }),
  'experiments.restore': method({
    params: one,
    reply: z.strictObject({ restored: z.boolean() }),
    event: z.never(),
  }),
};

export const experimentsJobs = {
  /** Runs what an experiment still lacks: also how it goes on after a crash. */
  'experiments.perform': jobMethod({
    params: one,
    result: z.strictObject({ id, name: z.string(), state: experiment.shape.state }),
  }),
  /** Builds, merges, plans; the experiment is then performed by a job of its own. */
  'experiments.standard': jobMethod({
    params: z.strictObject({
      jobs: z
        .int()
        .min(1)
        .max(1024)
        .nullable()
        .describe('parallel compilers; null for one a processor'),
    }),
    result: started,
  }),
};
