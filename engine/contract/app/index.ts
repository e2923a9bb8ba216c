import type { z } from 'zod';
import { consoleMethods } from './console.js';
import { doctorMethods } from './doctor.js';
import { compareMethods } from './compare.js';
import { experimentsJobs, experimentsMethods } from './experiments.js';
import { imagesJobs, imagesMethods } from './images.js';
import { jobsMethods } from './jobs.js';
import { mergeJobs, mergeMethods } from './merge.js';
import { patchJobs, patchMethods } from './patch.js';

/** Every method, by room: one line a room. */
export const methods = {
  ...jobsMethods,
  ...doctorMethods,
  ...imagesMethods,
  ...experimentsMethods,
  ...compareMethods,
  ...consoleMethods,
  ...mergeMethods,
  ...patchMethods,
};

/** Every method that begins a job, by room. */
export const jobMethods = {
  ...imagesJobs,
  ...experimentsJobs,
  ...mergeJobs,
  ...patchJobs,
};

export type Methods = typeof methods;
export type MethodName = keyof Methods;
export type ParamsOf<Name extends MethodName> = z.infer<Methods[Name]['params']>;
export type ParamsInput<Name extends MethodName> = z.input<Methods[Name]['params']>;
export type ReplyOf<Name extends MethodName> = z.infer<Methods[Name]['reply']>;
export type EventOf<Name extends MethodName> = z.infer<Methods[Name]['event']>;

export type JobMethods = typeof jobMethods;
export type JobMethodName = keyof JobMethods;
export type JobParamsOf<Name extends JobMethodName> = z.infer<JobMethods[Name]['params']>;
export type JobParamsInput<Name extends JobMethodName> = z.input<JobMethods[Name]['params']>;
export type JobResultOf<Name extends JobMethodName> = z.infer<JobMethods[Name]['result']>;
