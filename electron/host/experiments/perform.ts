import type { ExperimentRecord } from '../../../db/records.js';
import { findXen } from '../../../engine/boot/index.js';
import type { JobResultOf } from '../../../engine/contract/app/index.js';
import { workspaceEmulator } from '../../../engine/experiment/emulator.js';
import { chooseWorkloads } from '../../../engine/experiment/plan.js';
import { createExperiment, runExperiment } from '../../../engine/experiment/runner.js';
import {
  standardFlavours,
  standardImages,
  standardPlan,
} from '../../../engine/experiment/standard.js';
import type { HostContext } from '../context.js';
import type { JobPlan } from '../handler.js';
import { followExperiment } from './follow.js';

/** Runs what an experiment lacks. */
export function performPlan(
  context: HostContext,
  { id, name, plan }: ExperimentRecord,
): JobPlan<JobResultOf<'experiments.perform'>> {
  return {
    title: `Experiment ${name}`,
    subject: `experiment:${id}`,
    work: async ({ onProgress, signal }) => {
      const workspace = await context.workspace();
      const runs = await workspace.database.runs.ofExperiment(id);
      const done = runs.filter(({ state }) => state === 'done').length;
      const planned = plan.cells.length * plan.repeat;
      const followed = followExperiment(
        { experiment: id, done, planned },
        (progress) => {
          context.tell('experimentProgress', progress);
          // A run begins or ends: it is a row of its own, or another.
          if (progress.run?.done === null || !progress.run) context.tell('experiments', {});
        },
        onProgress,
      );
      const services = { workspace, emulator: workspaceEmulator(workspace) };
      const options = { onProgress: followed.listener, signal };
      try {
        const { state } = await runExperiment(services, id, options);
        return { id, name, state };
      } finally {
        followed.stop();
        context.tell('experiments', {});
      }
    },
    summary: ({ state }) => (state === 'done' ? 'every boot is done' : 'some boots failed'),
  };
}

/** Builds and merges what the standard experiment boots, and starts it as a job of its own. */
export function standardExperiment(
  context: HostContext,
  { jobs }: { jobs: number | null },
): JobPlan<JobResultOf<'experiments.standard'>> {
  return {
    title: 'Build the standard experiment',
    subject: 'experiment:standard',
    work: async (options) => {
      const workspace = await context.workspace();
      // What the boots need is missed in seconds, not after the builds.
      const emulator = workspaceEmulator(workspace);
      await emulator.version();
      await findXen();
      const images = await standardImages(
        { workspace, emulator },
        { flavours: standardFlavours, jobs: jobs ?? undefined },
        options,
      );
      context.tell('images', {});
      const experiment = await createExperiment(workspace, {
        name: 'lab',
        numbered: true,
        plan: standardPlan(images, {
          workloads: chooseWorkloads(undefined),
          repeat: 1,
          append: '',
        }),
      });
      context.tell('experiments', {});
      context.jobs.start('experiments.perform', performPlan(context, experiment));
      return { id: experiment.id };
    },
    summary: () => 'the kernels are there; their boots begin',
  };
}
