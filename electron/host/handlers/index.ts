import type { JobMethodName, MethodName } from '../../../engine/contract/app/index.js';
import type { Handlers, JobHandlers } from '../handler.js';
import { consoleHandlers } from './console.js';
import { doctorHandlers } from './doctor.js';
import { compareHandlers } from './compare.js';
import { experimentHandlers, experimentJobPlans } from './experiments.js';
import { imageJobs, imageHandlers } from './images.js';
import { jobHandlers } from './jobs.js';
import { mergeHandlers, mergeJobPlans } from './merge.js';
import { patchHandlers, patchJobPlans } from './patch.js';

/** Every handler, by room: one line a room. A method of the contract without one does not compile. */
export const handlers: Handlers<MethodName> = {
  ...jobHandlers,
  ...doctorHandlers,
  ...imageHandlers,
  ...experimentHandlers,
  ...compareHandlers,
  ...consoleHandlers,
  ...mergeHandlers,
  ...patchHandlers,
};

/** Every job, by room. */
export const jobPlans: JobHandlers<JobMethodName> = {
  ...imageJobs,
  ...experimentJobPlans,
  ...mergeJobPlans,
  ...patchJobPlans,
};
