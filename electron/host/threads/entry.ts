import { parentPort } from 'node:worker_threads';
import type { JobOptions } from '../../../engine/progress.js';
import { toThreadError, type ThreadOrder, type ThreadReport } from './messages.js';
import { tasks } from './tasks.js';

/** The program of a thread of the engine host (thread.ts): tasks in, results out. */

const running = new Map<number, AbortController>();
const report = (message: ThreadReport): void => parentPort?.postMessage(message);

parentPort?.on('message', (order: ThreadOrder) => {
  if (order.kind === 'cancel') running.get(order.id)?.abort();
  else void perform(order);
});

async function perform({ id, task, params }: ThreadOrder & { kind: 'run' }): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  try {
    const work = tasks[task as keyof typeof tasks] as AnyTask;
    const result = await work(params, {
      signal: abort.signal,
      onProgress: (event) => report({ kind: 'progress', id, event }),
    });
    report({ kind: 'done', id, result });
  } catch (error) {
    report({ kind: 'failed', id, error: toThreadError(error) });
  } finally {
    running.delete(id);
  }
}

// The table is typed by name (threads.ts); a name known only at run time loses the tie.
type AnyTask = (params: unknown, options: JobOptions) => Promise<unknown>;
