import { setTimeout as sleep } from 'node:timers/promises';
import type { Locks } from '../../db/locks.js';
import type { LockHolder } from '../../db/records.js';
import { commonErrors } from '../errors/common.js';
import type { Milliseconds } from '../units.js';
import type { LockOptions } from './types.js';

/** How often a waiter looks: a read of one row. What it waits for takes seconds to minutes. */
const pollInterval: Milliseconds = 100;

/** What a job that waits for a lock is doing, for its progress. */
export function waitText({ pid, what }: LockHolder): string {
  return `waiting for process ${pid}, which is ${what}`;
}

/** See Workspace.withLock. */
export async function withLock<T>(
  locks: Locks,
  name: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await acquire(locks, name, options);
  try {
    return await work();
  } finally {
    await locks.release(name);
  }
}

async function acquire(locks: Locks, name: string, options: LockOptions): Promise<void> {
  const { what, signal, onWait } = options;
  for (let waiting = false; ; waiting = true) {
    if (signal?.aborted) throw commonErrors.cancelled({ what });
    const holder = await locks.tryAcquire(name, what);
    if (!holder) return;
    if (!waiting) onWait?.(holder);
    // An abort ends the sleep early; the loop then sees it.
    await sleep(pollInterval, undefined, { signal }).catch(() => undefined);
  }
}
