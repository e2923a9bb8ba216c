import { z } from 'zod';
import { document, nullableText, sha256, time, wall } from './words.js';

const runSummary = z.strictObject({
  id: z.int(),
  cell: z.int(),
  repetition: z.int(),
  label: z.string(),
  environment: z.string(),
  state: z.string(),
  outcome: nullableText,
  evidence: nullableText,
  wall: wall.nullable(),
  lastLines: z
    .array(z.string())
    .nullable()
    .describe('end of the console of a failed run, where one experiment is asked for'),
});

export const experimentsDocument = document('experiments', {
  console: z
    .strictObject({
      run: z.int(),
      text: z.string().describe('as the guest wrote it, escape sequences included'),
      truncated: z.boolean().describe('there was more than is kept'),
    })
    .nullable()
    .describe('null without --console'),
  experiments: z.array(
    z.strictObject({
      id: z.int(),
      name: z.string(),
      note: z.string(),
      state: z.string(),
      planHash: sha256,
      workloads: z.array(z.string()),
      repeat: z.int(),
      planned: z.int().describe('runs that the plan asks for; `runs` has those that were begun'),
      createdAt: time,
      finishedAt: time.nullable(),
      runs: z.array(runSummary),
    }),
  ),
});

export const exportDocument = document('export', {
  experiment: z.string(),
  files: z.array(z.string()),
});
