import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JobOptions } from '../../../engine/progress.js';
import type { DownFrame } from '../../../engine/contract/app/wire.js';
import { Jobs } from '../../../electron/host/jobs.js';
import { Removals } from '../../../electron/host/removals.js';
import { plan } from '../../support/workspace-records.js';
import { createHost, type Host } from '../../../electron/host/host.js';

let home: string;
let host: Host;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kbl-host-'));
  host = createHost(home);
});
afterEach(async () => {
  await host.stop();
  rmSync(home, { recursive: true });
});

/** Asks as a window does; the frame that answers. */
async function ask(method: string, params: unknown): Promise<DownFrame> {
  const frames: DownFrame[] = [];
  const connection = host.connect({ send: (frame) => frames.push(frame) });
  connection.receive({ kind: 'request', id: 1, method, params });
  await vi.waitUntil(() => frames.some(({ kind }) => kind === 'reply' || kind === 'failure'));
  host.disconnect(connection);
  return frames.find(({ kind }) => kind === 'reply' || kind === 'failure')!;
}

test('answers a request', async () => {
  expect(await ask('images.list', {})).toMatchObject({ kind: 'reply', reply: { images: [] } });
});

test.each([
  ['a method that does not exist', 'images.steal', {}],
  ['a name of Object.prototype', 'constructor', {}],
  ['a parameter too many', 'images.list', { more: 1 }],
  ['a digest that is none', 'images.inspect', { sha256: '../../etc/passwd' }],
])('refuses %s', async (_what, method, params) => {
  expect(await ask(method, params)).toMatchObject({
    kind: 'failure',
    error: { code: 'app-bad-message' },
  });
});

test('refuses a file that nobody granted', async () => {
  const file = '00000000-0000-4000-8000-000000000000';
  expect(await ask('images.import', { file })).toMatchObject({
    kind: 'failure',
    error: { code: 'app-file-not-granted' },
  });
});

test('a cancelled job ends as cancelled, with the error of the catalogue', async () => {
  const jobs = new Jobs({ changed: () => undefined, explain: (error) => error as never });
  const work = ({ signal }: JobOptions): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  const { id } = jobs.start('test', { title: 'waiting', subject: 'this', work });
  expect(() => jobs.start('test', { title: 'again', subject: 'this', work })).toThrow(
    expect.objectContaining({ code: 'app-job-running' }),
  );
  expect(jobs.cancel(id)).toBe(true);
  await expect(jobs.get(id).result).rejects.toMatchObject({ code: 'cancelled' });
  expect(jobs.get(id).job.state).toBe('cancelled');
  const next = jobs.start('test', {
    ...{ title: 'again', subject: 'this', summary: (made: string) => `made ${made}` },
    work: () => Promise.resolve('it'),
  });
  await jobs.get(next.id).result;
  expect(jobs.get(next.id).job).toMatchObject({ state: 'done', summary: 'made it' });
});

test('of two requests at once to run an experiment, one is refused', async () => {
  const created = await ask('experiments.create', { name: 'twice', note: '', plan });
  const { id } = (created as unknown as { reply: { id: number } }).reply;
  const both = [ask('experiments.perform', { id }), ask('experiments.perform', { id })];
  const [first, second] = await Promise.all(both);
  expect(first).toMatchObject({ kind: 'reply', reply: { subject: `experiment:${id}` } });
  expect(second).toMatchObject({ kind: 'failure', error: { code: 'app-job-running' } });
});

test('a removal can be taken back until it is done; stopping does it', async () => {
  const gone: string[] = [];
  const removals = new Removals((sha256: string) => {
    gone.push(sha256);
    return Promise.resolve();
  });
  removals.hide('a', 60_000);
  removals.hide('b', 60_000);
  expect(removals.restore('a')).toBe(true);
  await removals.flush();
  expect(gone).toEqual(['b']);
  expect(removals.restore('b')).toBe(false);
});
