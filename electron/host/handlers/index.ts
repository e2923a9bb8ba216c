import type { JobMethodName, MethodName } from '../../../engine/contract/app/index.js';
import type { Handlers, JobHandlers } from '../handler.js';
import { doctorHandlers } from './doctor.js';
import { imageJobs, imageHandlers } from './images.js';
import { jobHandlers } from './jobs.js';

/** Every handler, by room: one line a room. A method of the contract without one does not compile. */
export const handlers: Handlers<MethodName> = {
  ...jobHandlers,
  ...doctorHandlers,
  ...imageHandlers,
};

/** Every job, by room. */
export const jobPlans: JobHandlers<JobMethodName> = {
  ...imageJobs,
};
