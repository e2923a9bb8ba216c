import { z } from 'zod';
import { jobSchema } from './jobs.js';

/** What the engine host tells every window unasked. */
export const notices = {
  /** A job began, moved on or ended. */
  job: jobSchema,
  /** The library of images is another: ask again. */
  images: z.strictObject({}),
};

export type NoticeName = keyof typeof notices;
export type NoticeOf<Name extends NoticeName> = z.infer<(typeof notices)[Name]>;
