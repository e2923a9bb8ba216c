import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { JobOptions, ProgressListener } from '../../../engine/progress.js';
import type { Milliseconds } from '../../../engine/units.js';
import { fromThreadError, type ThreadOrder, type ThreadReport } from './messages.js';

/** What a thread keeps (two kernels in memory) is let go when it has had nothing to do for so long. */
const idleLimit: Milliseconds = 5 * 60_000;

interface Open {
  resolve(result: unknown): void;
  reject(error: Error): void;
  onProgress: ProgressListener | undefined;
}

/** A worker and what it has not answered yet. */
interface Running {
  worker: Worker;
  open: Map<number, Open>;
}

/**
 * A thread of the engine host for work that computes for seconds: in the host's
 * own thread it would hold up every console and every answer. Started when it
 * is first needed, and again when it died.
 */
export class Thread {
  readonly #entry: URL;
  #running: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  /** @param entry the thread's program: entry.ts */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  /**
   * Performs a task. A cancelled one ends when the task heeds the signal.
   * @throws what the task throws; an Error when the thread dies
   */
  run(task: string, params: unknown, { onProgress, signal }: JobOptions = {}): Promise<unknown> {
    const { worker, open } = (this.#running ??= this.#start());
    const id = ++this.#lastId;
    const send = (order: ThreadOrder): void => worker.postMessage(order);
    const cancel = (): void => send({ kind: 'cancel', id });
    clearTimeout(this.#idle);
    worker.ref();
    const result = new Promise((resolve, reject) => {
      open.set(id, { resolve, reject, onProgress });
      send({ kind: 'run', id, task, params });
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    });
    return result.finally(() => {
      signal?.removeEventListener('abort', cancel);
      this.#rest();
    });
  }

  /** Ends the thread; what it was doing fails. The next task gets another. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const running = this.#running;
    this.#running = undefined;
    await running?.worker.terminate();
  }

  #rest(): void {
    clearTimeout(this.#idle);
    if (!this.#running || this.#running.open.size > 0) return;
    // Without work it is no reason for the process to live on.
    this.#running.worker.unref();
    this.#idle = setTimeout(() => void this.stop(), idleLimit).unref();
  }

  #start(): Running {
    // Shared, so that what the user chooses to boot with holds for threads that run already.
    const worker = new Worker(this.#entry, { env: SHARE_ENV });
    const running: Running = { worker, open: new Map() };
    const { open } = running;
    let trouble: Error | undefined;
    worker.on('message', (report: ThreadReport) => answer(open, report));
    worker.on('error', (error) => (trouble = error));
    worker.on('exit', () => {
      if (this.#running === running) this.#running = undefined;
      const died = trouble ?? new Error('a thread of the engine host ended');
      for (const { reject } of open.values()) reject(died);
    });
    return running;
  }
}

function answer(open: Map<number, Open>, report: ThreadReport): void {
  const asked = open.get(report.id);
  if (!asked) return;
  if (report.kind === 'progress') return asked.onProgress?.(report.event);
  open.delete(report.id);
  if (report.kind === 'done') asked.resolve(report.result);
  else asked.reject(fromThreadError(report.error));
}
