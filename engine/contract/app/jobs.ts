import { z } from 'zod';
import { errorDocument } from '../../contract.js';
import { method } from './method.js';

export const errorBody = errorDocument.shape.error;
export type ErrorBody = z.infer<typeof errorBody>;

/** Long work of the engine host: it outlives the window that asked for it, not the host. */
const job = z.strictObject({
  id: z.int(),
  method: z.string(),
  title: z.string(),
  subject: z.string().nullable().describe('what it is about: `experiment:3`'),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  detail: z.string().describe('what is being done now'),
  done: z.number().nullable(),
  total: z.number().nullable(),
  summary: z.string().nullable().describe('what came of it, in some words, once it is done'),
  /** Time stamps of Date.now(). */
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  error: errorBody.nullable(),
});
export type Job = z.infer<typeof job>;
export const jobSchema = job;

export const jobsMethods = {
  'jobs.list': method({
    params: z.strictObject({}),
    reply: z.strictObject({ jobs: z.array(job) }),
    event: z.never(),
  }),
  'jobs.cancel': method({
    params: z.strictObject({ id: z.int() }),
    reply: z.strictObject({ cancelled: z.boolean() }),
    event: z.never(),
  }),
  /** Lines of output, those kept from before first, until the job ends or the request is cancelled. */
  'jobs.follow': method({
    params: z.strictObject({ id: z.int() }),
    reply: z.strictObject({ job, dropped: z.int().describe('lines that were not kept') }),
    event: z.strictObject({ lines: z.array(z.string()) }),
  }),
  /** Waits for a job's end; the result is what its method says. */
  'jobs.result': method({
    params: z.strictObject({ id: z.int() }),
    reply: z.strictObject({ result: z.unknown() }),
    event: z.never(),
  }),
};
