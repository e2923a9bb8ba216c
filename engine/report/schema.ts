import { z } from 'zod';

/**
 * The JSON form of a comparison, version 1. Fields are added, never renamed or
 * removed, while the version stays. Counts are guest instructions executed; a
 * figure that does not exist is null, never 0.
 */

const change = z
  .strictObject({
    delta: z.number(),
    percent: z
      .number()
      .nullable()
      .describe('delta in percent of the baseline; null for baseline 0'),
  })
  .nullable()
  .describe('null in the baseline column and where there is nothing to compare');

const instructions = z
  .strictObject({
    total: z.number(),
    user: z.number().describe('in boot entries: firmware and boot code'),
    kernel: z.number(),
    hypervisor: z.number(),
  })
  .nullable();

const cellState = z.enum(['measured', 'disagrees', 'failed', 'interrupted', 'running', 'missing']);

/** What every entry says about the column it belongs to. */
const where = {
  column: z.int().describe('index in columns'),
  label: z.string(),
  environment: z.string(),
  flavour: z.string().nullable().describe('null for merged and imported images'),
  sha256: z.string().describe('digest of the bzImage'),
};

const status = {
  state: cellState,
  outcome: z.string().nullable().describe('why there is no figure; null when measured'),
};

const disagreement = z
  .array(z.strictObject({ run: z.int(), value: z.number().nullable() }))
  .nullable()
  .describe('what each run says, where runs that must agree do not');

const machineFigure = z.strictObject({
  ...status,
  value: z.number().nullable(),
  baseline: change,
  disagreement,
});

const run = z.strictObject({
  id: z.int(),
  column: z.int(),
  repetition: z.int(),
  environment: z.string(),
  state: z.string(),
  outcome: z.string().nullable(),
  evidence: z.string().nullable(),
  inputHash: z.string(),
  program: z.string(),
  argv: z.array(z.string()),
  kernelCommandLine: z.string(),
  xenCommandLine: z.string().nullable(),
  versions: z.strictObject({
    emulator: z.string(),
    xen: z.string().nullable(),
    plugin: z.string().nullable(),
  }),
  cpu: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  wallMilliseconds: z.number().nullable().describe('emulated, not comparable with hardware'),
  differsFrom: z.array(z.int()),
});

export const comparisonDocument = z.strictObject({
  schema: z.literal('kbl-comparison'),
  version: z.literal(1),
  note: z.string(),
  experiment: z.strictObject({
    id: z.int(),
    name: z.string(),
    note: z.string(),
    state: z.string(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
    planHash: z.string(),
    plan: z.strictObject({
      schema: z.int(),
      cells: z.array(
        z.strictObject({ image: z.string(), label: z.string(), environment: z.string() }),
      ),
      workloads: z.array(z.string()),
      repeat: z.int(),
      machine: z.strictObject({ cpu: z.string(), memory: z.number(), dom0Memory: z.number() }),
      append: z.string(),
    }),
  }),
  baseline: z.strictObject({ column: z.int(), name: z.string() }),
  columns: z.array(
    z.strictObject({
      ...where,
      name: z.string().describe('label/environment'),
      kind: z.enum(['built', 'merged', 'patched', 'imported']).nullable(),
      kernelVersion: z.string().nullable(),
      runs: z.array(z.int()),
      memoryLine: z.string().nullable().describe("the kernel's own Memory: line"),
    }),
  ),
  cells: z
    .array(
      z.strictObject({
        ...where,
        workload: z.string(),
        ...status,
        instructions: instructions.describe('per operation'),
        statistic: z.enum(['mode', 'median']).nullable(),
        spread: z
          .strictObject({
            minimum: z.number(),
            mean: z.number(),
            maximum: z.number(),
            iterations: z.number(),
            disturbed: z.number().describe('iterations whose cost is not the reported one'),
            differs: z.boolean().describe('runs agree on the figure, not on every iteration'),
          })
          .nullable(),
        baseline: change,
        disagreement,
      }),
    )
    .describe('workloads in plan order, each with its columns in plan order'),
  boot: z
    .array(
      z.strictObject({
        ...where,
        ...status,
        instructions: instructions.describe('reset to the first line of /init'),
        baseline: change,
        disagreement,
        memTotalKiB: machineFigure,
        imageBytes: machineFigure,
      }),
    )
    .describe('one entry a column'),
  flags: z.array(z.strictObject({ kind: z.string(), column: z.int(), message: z.string() })),
  runs: z.array(run),
});

export type ComparisonDocument = z.infer<typeof comparisonDocument>;
