import type { jobsMethods } from '../../../engine/contract/app/jobs.js';
import type { Handlers } from '../handler.js';

export const jobHandlers: Handlers<keyof typeof jobsMethods> = {
  'jobs.list': ({ jobs }) => ({ jobs: jobs.list() }),
  'jobs.cancel': ({ jobs }, { id }) => ({ cancelled: jobs.cancel(id) }),
  'jobs.follow': async ({ jobs }, { id }, { emit, signal }) => {
    const { lines } = jobs.get(id);
    await lines.follow((some) => emit({ lines: some }), signal);
    return { job: jobs.get(id).job, dropped: lines.dropped };
  },
  'jobs.result': async ({ jobs }, { id }) => ({ result: await jobs.get(id).result }),
};
