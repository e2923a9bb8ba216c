import { z } from 'zod';
import { experimentProgress } from './experiments.js';
import { jobSchema } from './jobs.js';

/** What the engine host tells every window unasked. */
export const notices = {
  /** A job began, moved on or ended. */
  job: jobSchema,
  /** The library of images is another: ask again. */
  images: z.strictObject({}),
  /** Experiments or their runs are others: ask again. */
  experiments: z.strictObject({}),
  experimentProgress,
};

export type NoticeName = keyof typeof notices;
export type NoticeOf<Name extends NoticeName> = z.infer<(typeof notices)[Name]>;
