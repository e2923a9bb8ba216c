import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DownFrame } from '../../../engine/contract/app/wire.js';
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

const token = '00000000-0000-4000-8000-000000000000';

test.each([
  [
    'console.boot',
    { image: '../../etc/passwd', environment: 'bare', memory: null },
    'app-bad-message',
  ],
  ['console.boot', { image: 'a'.repeat(64), environment: 'kvm', memory: null }, 'app-bad-message'],
  ['console.boot', { image: 'a'.repeat(64), environment: 'bare', memory: null }, 'image-unknown'],
  ['console.choices', { image: 'a'.repeat(64) }, 'image-unknown'],
  ['console.type', { guest: 1, stream: 'guest', bytes: new Uint8Array(65_537) }, 'app-bad-message'],
  ['console.type', { guest: 1, stream: 'kernel', bytes: new Uint8Array(1) }, 'app-bad-message'],
  ['console.type', { guest: 1, stream: 'guest', bytes: new Uint8Array(1) }, 'app-guest-unknown'],
  ['console.save', { guest: 1, stream: 'guest', file: token }, 'app-file-not-granted'],
])('%s refuses %j: %s', async (method, params, code) => {
  const frames: DownFrame[] = [];
  const connection = host.connect({ send: (frame) => frames.push(frame) });
  connection.receive({ kind: 'request', id: 1, method, params });
  await vi.waitUntil(() => frames.length > 0);
  expect(frames[0]).toMatchObject({ kind: 'failure', error: { code } });
  host.disconnect(connection);
});
