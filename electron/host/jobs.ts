import type { ErrorBody, Job } from '../../engine/contract/app/jobs.js';
import { appErrors } from '../../engine/errors/app.js';
import { commonErrors } from '../../engine/errors/common.js';
import { LabError } from '../../engine/errors/lab-error.js';
import type { ProgressEvent } from '../../engine/progress.js';
import type { Milliseconds } from '../../engine/units.js';
import type { JobPlan } from './handler.js';
import { Lines } from './lines.js';

/** How often a job that moves on is shown: faster than the eye reads costs the window its time. */
const reportInterval: Milliseconds = 100;
/** Ended jobs that are remembered, with their lines. */
const endedKept = 50;

/** What a job needs of its surroundings. */
export interface JobSurroundings {
  /** Called for a job that began, moved on or ended. */
  changed(job: Job): void;
  /** The body of an error; logs what is a bug. */
  explain(error: unknown): ErrorBody;
}

interface Entry {
  job: Job;
  abort: AbortController;
  lines: Lines;
  result: Promise<unknown>;
  timer: NodeJS.Timeout | undefined;
}

/** Long work: begun by a request, watched by any window, ended by itself or by cancelling. */
export class Jobs {
  readonly #entries = new Map<number, Entry>();
  readonly #around: JobSurroundings;
  #lastId = 0;

  constructor(around: JobSurroundings) {
    this.#around = around;
  }

  list(): Job[] {
    return [...this.#entries.values()].map(({ job }) => job);
  }

  /** @throws app-job-unknown */
  get(id: number): Readonly<Pick<Entry, 'job' | 'lines' | 'result'>> {
    const entry = this.#entries.get(id);
    if (!entry) throw appErrors.jobUnknown({ id });
    return entry;
  }

  /**
   * Begins a plan's work and returns at once. The work must heed the signal it is given.
   * @throws app-job-running where work on the same subject goes on
   */
  start<Result>(method: string, plan: JobPlan<Result>): Job {
    const { title, subject = null, work, summary } = plan;
    const other = this.list().find((job) => job.state === 'running' && job.subject === subject);
    if (other && subject !== null) throw appErrors.jobRunning({ title: other.title });
    const id = ++this.#lastId;
    const job: Job = {
      ...{ id, method, title, subject, state: 'running', detail: '' },
      ...{ done: null, total: null, startedAt: Date.now(), endedAt: null },
      ...{ summary: null, error: null },
    };
    const abort = new AbortController();
    const entry: Entry = {
      ...{ job, abort, lines: new Lines(), timer: undefined, result: Promise.resolve() },
    };
    this.#entries.set(id, entry);
    const onProgress = (event: ProgressEvent): void => this.#progress(entry, event);
    entry.result = work({ onProgress, signal: abort.signal }).then(
      (result) => {
        entry.job = { ...entry.job, summary: summary?.(result) ?? null };
        this.#end(entry, 'done', null);
        return result;
      },
      (error: unknown) => {
        const isCancelled = abort.signal.aborted;
        const told = isCancelled && !(error instanceof LabError) ? cancelled(title, error) : error;
        this.#end(entry, isCancelled ? 'cancelled' : 'failed', this.#around.explain(told));
        throw told;
      },
    );
    // Who asks for the result hears of its failure; nobody has to ask.
    entry.result.catch(() => undefined);
    this.#around.changed(job);
    this.#forget();
    return job;
  }

  /** False when it has ended already. @throws app-job-unknown */
  cancel(id: number): boolean {
    const entry = this.#entries.get(id);
    if (!entry) throw appErrors.jobUnknown({ id });
    if (entry.job.state !== 'running') return false;
    entry.abort.abort();
    return true;
  }

  /** Cancels what runs and waits for its end. */
  async stop(): Promise<void> {
    for (const { abort } of this.#entries.values()) abort.abort();
    await Promise.allSettled([...this.#entries.values()].map(({ result }) => result));
  }

  #progress(entry: Entry, event: ProgressEvent): void {
    if (event.kind === 'line') return entry.lines.add(event.text);
    const { job } = entry;
    if (event.kind === 'start') {
      entry.job = { ...job, detail: event.title, done: null, total: null };
    } else if (event.kind === 'step') {
      const { detail, done = null, total = null } = event;
      entry.job = { ...job, detail, done, total };
    } else {
      return;
    }
    entry.timer ??= setTimeout(() => {
      entry.timer = undefined;
      this.#around.changed(entry.job);
    }, reportInterval);
  }

  #end(entry: Entry, state: Job['state'], error: ErrorBody | null): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    entry.job = { ...entry.job, state, error, endedAt: Date.now() };
    entry.lines.end();
    this.#around.changed(entry.job);
  }

  #forget(): void {
    const ended = this.list().filter(({ state }) => state !== 'running');
    for (const { id } of ended.slice(0, Math.max(0, ended.length - endedKept))) {
      this.#entries.delete(id);
    }
  }
}

function cancelled(what: string, cause: unknown): LabError {
  return commonErrors.cancelled({ what }, cause);
}
