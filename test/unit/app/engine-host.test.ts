import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { EngineHost } from '../../../electron/main/engine-host.js';

/** A utilityProcess as Electron has it: no pid, and deaf, until it is spawned. */
class FakeProcess extends EventEmitter {
  pid: number | undefined;
  readonly heard: unknown[] = [];

  spawn(): void {
    this.pid = 4711;
    this.emit('spawn');
  }
  postMessage(frame: { kind: string }): void {
    if (this.pid === undefined) return;
    this.heard.push(frame);
    if (frame.kind === 'stop') this.exit(0);
  }
  kill(): boolean {
    return this.pid !== undefined;
  }
  exit(code: number): void {
    this.pid = undefined;
    this.emit('exit', code);
  }
}

const started: FakeProcess[] = [];
vi.mock('electron/main', () => ({
  utilityProcess: {
    fork: () => {
      const child = new FakeProcess();
      started.push(child);
      return child;
    },
  },
}));

function startHost(): { host: EngineHost; child: FakeProcess } {
  const host = new EngineHost(() => undefined);
  host.start(null);
  return { host, child: started.at(-1)! };
}

test('a host that is only just starting is waited for, and ended: it becomes no orphan', async () => {
  const { host, child } = startHost();
  let isStopped = false;
  const stopped = host.stop().then(() => (isStopped = true));
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  child.spawn();
  await stopped;
  expect(child.heard).toContainEqual({ kind: 'stop' });
  expect(host.health.state).toBe('stopped');
  expect(started.at(-1)).toBe(child);
});

test('one that never comes up is not waited for', async () => {
  const { host, child } = startHost();
  const stopped = host.stop();
  child.exit(1);
  await stopped;
  expect(child.heard).toEqual([]);
});

test('a host that runs is asked to end, and not started again', async () => {
  const { host, child } = startHost();
  child.spawn();
  await host.stop();
  expect(child.heard.at(-1)).toEqual({ kind: 'stop' });
  expect(started.at(-1)).toBe(child);
});
