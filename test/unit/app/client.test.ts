import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { UpFrame } from '../../../engine/contract/app/wire.js';
import { Client, HostError, type Port } from '../../../renderer/shared/host-client.js';

let client: Client;
let channel: MessageChannel;
let asked: UpFrame[];
beforeEach(() => {
  client = new Client();
  channel = new MessageChannel();
  // Of this test alone: what an earlier one sent may come late.
  const heard: UpFrame[] = (asked = []);
  channel.port2.on('message', (frame: UpFrame) => heard.push(frame));
});
afterEach(() => channel.port1.close());

const connect = (): void => client.connect(channel.port1 as unknown as Port);
const answer = (frame: unknown): void => channel.port2.postMessage(frame);
/** What structured clone refuses, as it refuses a proxy of the window's state. */
const uncloneable = new Proxy({ guest: 1 }, {});

test('a request that cannot be sent fails, and nothing waits for its answer', async () => {
  connect();
  await expect(client.call('console.pause', uncloneable)).rejects.toThrow(/could not be cloned/);
  expect(client.waiting).toBe(0);
});

test('one that waited for the host and cannot be sent fails alone', async () => {
  const wrong = client.call('console.pause', uncloneable);
  const right = client.call('console.pause', { guest: 2 });
  connect();
  await expect(wrong).rejects.toThrow(/could not be cloned/);
  await vi.waitUntil(() => asked.length > 0);
  expect(asked).toMatchObject([{ kind: 'request', id: 2, params: { guest: 2 } }]);
  answer({ kind: 'reply', id: 2, reply: {} });
  await expect(right).resolves.toEqual({});
  expect(client.waiting).toBe(0);
});

test('whoever waits is told that the host is gone', async () => {
  connect();
  const call = client.call('console.pause', { guest: 1 });
  client.hostGone();
  await expect(call).rejects.toMatchObject({ code: 'app-host-gone' });
  expect(client.waiting).toBe(0);
});

test('a failure is an error of the catalogue', async () => {
  connect();
  const call = client.call('console.pause', { guest: 1 });
  const error = {
    code: 'app-guest-unknown',
    kind: 'usage',
    message: 'none',
    place: null,
    hint: 'boot',
  };
  answer({ kind: 'failure', id: 1, error });
  await expect(call).rejects.toMatchObject({ body: error });
  await expect(call).rejects.toBeInstanceOf(HostError);
});

test('an event that is none of the contract ends the request, on both sides', async () => {
  connect();
  const image = 'a'.repeat(64);
  const onEvent = vi.fn();
  const params = { image, environment: 'bare', memory: null } as const;
  const call = client.call('console.boot', params, { onEvent });
  answer({ kind: 'event', id: 1, event: { kind: 'unheard of' } });
  await expect(call).rejects.toMatchObject({ code: 'app-bad-message' });
  await vi.waitUntil(() => asked.length > 1);
  expect(asked[1]).toEqual({ kind: 'cancel', id: 1 });
  expect(client.waiting).toBe(0);
});

test('a signal cancels while the answer is awaited, and not after it', async () => {
  connect();
  const abort = new AbortController();
  const call = client.call('console.pause', { guest: 1 }, { signal: abort.signal });
  answer({ kind: 'reply', id: 1, reply: {} });
  await call;
  abort.abort();
  await client.call('console.pause', { guest: 1 }, { signal: abort.signal }).catch(() => undefined);
  expect(asked.filter(({ kind }) => kind === 'cancel')).toEqual([]);
});
