import type { ExperimentProgress } from '../../../engine/contract/app/experiments.js';
import type { ProgressEvent, ProgressListener } from '../../../engine/progress.js';
import type { Milliseconds } from '../../../engine/units.js';

/** How often a window is told: a boot steps fifteen times, lines come by the hundred. */
const tellInterval: Milliseconds = 100;

export interface Followed {
  listener: ProgressListener;
  /** Nothing is told after it. */
  stop(): void;
}

/**
 * Turns the engine's events of an experiment (a job a run) into what windows
 * are told of it, and into the progress of the one job that performs it all.
 * @param done    boots that are over when it begins
 * @param tell    called at each beginning and end of a run, and now and then between
 * @param overall gets the steps and lines of the whole
 */
export function followExperiment(
  { experiment, done, planned }: Omit<ExperimentProgress, 'run'>,
  tell: (progress: ExperimentProgress) => void,
  overall: ProgressListener | undefined,
): Followed {
  const progress: ExperimentProgress = { experiment, done, planned, run: null };
  const job = `experiment:${experiment}`;
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    tell({ ...progress });
  };
  const listener = (event: ProgressEvent): void => {
    const { run } = progress;
    if (event.kind === 'line') return overall?.({ ...event, job });
    if (event.kind === 'start') {
      progress.run = {
        ...{ id: Number(event.job.slice('run:'.length)), title: event.title, detail: '' },
        ...{ done: null, total: null, expected: event.expected ?? null, startedAt: Date.now() },
      };
      now();
    } else if (event.kind === 'end') {
      progress.run = null;
      progress.done += 1;
      now();
    } else if (run) {
      const { detail, done: steps = null, total = null } = event;
      progress.run = { ...run, detail, done: steps, total };
      timer ??= setTimeout(now, tellInterval);
    }
    overall?.({ kind: 'step', job, ...stepOf(progress) });
  };
  return { listener, stop: () => clearTimeout(timer) };
}

/** The whole as one step: a run that goes on counts by its workloads. */
export function stepOf({ done, planned, run }: ExperimentProgress): {
  detail: string;
  done: number;
  total: number;
} {
  const part = run?.total ? (run.done ?? 0) / run.total : 0;
  const detail = run ? `${run.title}: ${run.detail}` : '';
  return { detail, done: done + part, total: planned };
}
