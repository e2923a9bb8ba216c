import type { Experiment, ExperimentPlan } from '../../../engine/contract/app/experiments.js';
import { client } from '../../shared/client.js';
import { report, state, toast } from '../../shared/state.svelte.js';
import { experiments, jobOf } from './experiments.svelte.js';

/** Stores a plan and runs it. @returns whether it was stored */
export async function runPlan(
  plan: ExperimentPlan,
  { name, note }: { name: string; note: string },
): Promise<boolean> {
  try {
    const words = { name: name.trim() || null, note, plan };
    const { id } = await client.call('experiments.create', words);
    experiments.selected = id;
    void perform(id);
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}

/** Runs what an experiment lacks, and says when it ends. */
export async function perform(id: number): Promise<void> {
  try {
    const { finished } = await client.startJob('experiments.perform', { id });
    const { name, state: end } = await finished;
    toast(end === 'done' ? `Experiment ${name} is done` : `Experiment ${name} had failures`);
  } catch (error) {
    report(error);
  }
}

/** The same plan once more, as an experiment of its own: its counts must be the same. */
export function runAgain({ name, plan }: Experiment): void {
  const base = name.replace(/ again( \d+)?$/, '');
  const taken = experiments.list?.map((one) => one.name) ?? [];
  let next = `${base} again`;
  for (let number = 2; taken.includes(next); number++) next = `${base} again ${number}`;
  void runPlan($state.snapshot(plan), { name: next, note: '' });
}

export function cancel(id: number): void {
  const job = jobOf(id);
  if (job) client.call('jobs.cancel', { id: job.id }).catch(report);
}

export async function removeExperiment({ id, name }: Experiment): Promise<void> {
  try {
    await client.call('experiments.remove', { id });
    toast(`Deleted ${name}`, { undo: () => void restore(id) });
  } catch (error) {
    report(error);
  }
}

async function restore(id: number): Promise<void> {
  try {
    const { restored } = await client.call('experiments.restore', { id });
    if (!restored) toast('It is too late: the experiment is gone');
  } catch (error) {
    report(error);
  }
}

export function describe(id: number, change: { name?: string; note?: string }): void {
  client.call('experiments.describe', { id, ...change }).catch(report);
}

/** Builds and measures what a lab begins with, and shows it. */
export async function runStandard(): Promise<void> {
  state.screen = 'experiments';
  try {
    const { finished } = await client.startJob('experiments.standard', {
      jobs: state.settings.jobs,
    });
    // How it failed stands in the screen that shows the job.
    const made = await finished.catch(() => undefined);
    if (made) experiments.selected = made.id;
  } catch (error) {
    report(error);
  }
}
