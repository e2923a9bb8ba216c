import { expect, test } from 'vitest';
import type { Job } from '../../../engine/contract/app/jobs.js';
import { notificationOf } from '../../../renderer/shell/job-ended.js';

const job: Job = {
  ...{ id: 1, method: 'images.build', title: 'Build native', subject: null, state: 'done' },
  ...{ detail: '', done: null, total: null, summary: 'native-6.1.192', error: null },
  ...{ startedAt: 1_000, endedAt: 61_000 },
};
const error = { code: 'build-failed', message: 'make ended with 2', hint: '', place: null };

test.each<[string, Partial<Job>, ReturnType<typeof notificationOf>]>([
  ['is done', {}, { title: 'Build native', body: 'native-6.1.192' }],
  ['has no words for it', { summary: null }, { title: 'Build native', body: 'done' }],
  [
    'failed',
    { state: 'failed', summary: null, error: error as Job['error'] },
    { title: 'Build native', body: 'failed: make ended with 2' },
  ],
  ['was cancelled', { state: 'cancelled', summary: null }, null],
  ['goes on', { state: 'running', endedAt: null }, null],
  ['took a blink', { endedAt: 1_400 }, null],
])('a job that %s', (_what, part, told) => {
  expect(notificationOf({ ...job, ...part })).toEqual(told);
});
