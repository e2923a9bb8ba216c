import type { Experiment, ExperimentProgress } from '../../../engine/contract/app/experiments.js';
import type { ErrorBody, Job } from '../../../engine/contract/app/jobs.js';
import { bodyOf, client } from '../../shared/client.js';
import { state as app } from '../../shared/state.svelte.js';

interface ExperimentsState {
  /** The newest first; undefined until they are loaded. */
  list: Experiment[] | undefined;
  error: ErrorBody | undefined;
  selected: number | undefined;
  /** Grows with every change of a run: who shows runs loads them again. */
  changes: number;
  composing: boolean;
  /** How far those are that run, by their ids. */
  progress: Record<number, ExperimentProgress>;
}

/** The experiments as this window knows them. */
export const experiments = $state<ExperimentsState>({
  ...{ list: undefined, error: undefined, selected: undefined },
  ...{ changes: 0, composing: false, progress: {} },
});

export async function loadExperiments(): Promise<void> {
  try {
    const { experiments: found } = await client.call('experiments.list', {});
    // The newest first: it is the one that is worked on.
    experiments.list = found.reverse();
    experiments.changes += 1;
    experiments.error = undefined;
  } catch (error) {
    const body = bodyOf(error);
    if (body.code !== 'app-host-gone') experiments.error = body;
  }
}

export function showExperiment(id: number): void {
  experiments.selected = id;
  app.screen = 'experiments';
}

/** How often those are asked for that the command line runs: nobody tells of them. Milliseconds. */
const elsewhereInterval = 3_000;

function isElsewhere({ id, state }: Experiment): boolean {
  return state === 'running' && !jobOf(id);
}

export function keepExperiments(): () => void {
  const load = (): void => void loadExperiments();
  // The command line may have made others meanwhile.
  window.addEventListener('focus', load);
  const timer = setInterval(() => {
    if (experiments.list?.some(isElsewhere)) load();
  }, elsewhereInterval);
  const stops = [
    () => window.removeEventListener('focus', load),
    () => clearInterval(timer),
    client.onConnect(() => {
      experiments.progress = {};
      void loadExperiments();
    }),
    client.onNotice('experiments', load),
    client.onNotice('experimentProgress', (one) => (experiments.progress[one.experiment] = one)),
  ];
  return () => stops.forEach((stop) => stop());
}

/** The job that performs an experiment now. */
export function jobOf(id: number): Job | undefined {
  return app.jobs.find(
    ({ subject, state }) => subject === `experiment:${id}` && state === 'running',
  );
}
