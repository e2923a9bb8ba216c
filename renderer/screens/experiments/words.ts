import type {
  Estimate,
  Experiment,
  ExperimentPlan,
  Run,
} from '../../../engine/contract/app/experiments.js';

/** Texts of the experiments screen. Pure. */

/** `4.7 s`, `1 min 10 s`: wall time for people. @param milliseconds of the emulator's run */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `5 boots, about 1 min 10 s; earlier runs tell nothing of 2 of them`. */
export function estimateText(boots: number, estimate: Estimate | undefined): string {
  const all = `${boots} ${boots === 1 ? 'boot' : 'boots'}`;
  if (boots === 0 || !estimate) return all;
  const { wall, unknown } = estimate;
  if (unknown === boots) return `${all}; no earlier run tells how long they take`;
  const known = `${all}, about ${duration(wall)} by earlier runs`;
  return unknown === 0 ? known : `${known}, and ${unknown} that none tells of`;
}

/** Whether an experiment has runs to make that nobody makes now. */
export function isUnfinished({ state }: Pick<Experiment, 'state'>): boolean {
  return state === 'planned' || state === 'interrupted' || state === 'failed';
}

/** What going on with it is called. */
export function resumeText({ state }: Pick<Experiment, 'state'>): string {
  if (state === 'planned') return 'Run';
  return state === 'failed' ? 'Run what failed' : 'Resume';
}

/** `native, xen on bare, xen-pv-dom0`. */
export function planText({ cells }: ExperimentPlan): string {
  const labels = [...new Set(cells.map(({ label }) => label))];
  const environments = [...new Set(cells.map(({ environment }) => environment))];
  return `${labels.join(', ')} on ${environments.join(', ')}`;
}

/** What is to be said of a run in a line: its evidence, or that its counts are not those of earlier ones. */
export function runText({ state, evidence, differsFrom }: Run): string {
  if (differsFrom.length > 0) return `counts differ from run ${differsFrom.join(', ')}`;
  // How a good run ended is no news.
  if (state === 'done') return '';
  return evidence ?? (state === 'interrupted' ? 'it left nothing' : '');
}

/** Experiments whose name, note, state or columns have every word. */
export function search(experiments: readonly Experiment[], text: string): Experiment[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return experiments.filter((one) => {
    const all = [one.name, one.note, one.state, planText(one.plan), ...one.plan.workloads];
    const hay = all.join('\n').toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}
