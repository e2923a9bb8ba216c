import { z } from 'zod';
import { findXen } from '../../boot/index.js';
import { workspaceEmulator } from '../../experiment/emulator.js';
import { chooseWorkloads } from '../../experiment/plan.js';
import { createExperiment } from '../../experiment/runner.js';
import {
  standardFlavours,
  standardImages,
  standardPlan,
  xenFlavour,
} from '../../experiment/standard.js';
import { toDocument } from '../../report/json.js';
import { comparisonDocument } from '../../report/schema.js';
import { count, list } from '../inputs.js';
import { perform, performedExitCode, performedText, type Performed } from '../perform.js';
import { defineVerb } from '../verb.js';

export const run = defineVerb({
  name: 'run',
  summary: 'build, merge, patch, boot and measure: from kernel source to a comparison',
  examples: [
    [
      'kbl run',
      'native, xen, the multi-image of both, and xen patched offline, bare and as PV dom0',
    ],
    [
      'kbl run --flavours native,paravirt,xen --repeat 3',
      'one flavour more, every boot three times',
    ],
    ['kbl run --source ~/linux', 'of your own kernel tree'],
  ],
  options: [
    {
      flags: '--flavours <names>',
      description: `what to build; ${standardFlavours.join(',')} by default`,
      completion: 'flavour',
    },
    {
      flags: '--source <source>',
      description: 'folder of a kernel tree, or version of a linux-source package (6.1)',
      completion: 'folder',
    },
    { flags: '-j, --jobs <n>', description: 'parallel compilers; one a processor by default' },
    {
      flags: '--workloads <names>',
      description: 'what to measure; everything by default',
      completion: 'workload',
    },
    {
      flags: '--repeat <n>',
      description: 'boots of every image in every environment, 1 by default',
    },
    { flags: '--name <name>', description: 'name of the experiment; lab, lab-2, ... by default' },
    { flags: '--note <text>', description: 'what you want to remember of it' },
  ],
  input: z.object({
    flavours: list.default([...standardFlavours]),
    source: z.string().optional(),
    jobs: count.optional(),
    workloads: list.optional(),
    repeat: count.default(1),
    name: z.string().optional(),
    note: z.string().optional(),
  }),
  reply: comparisonDocument,
  document: ({ comparison }: Performed) => toDocument(comparison),
  async run(context, { flavours, source, jobs, workloads: asked, repeat, name, note }) {
    const workloads = chooseWorkloads(asked);
    const workspace = await context.workspace();
    if (name !== undefined) await workspace.database.experiments.requireFree(name);
    // What the boots need is missed in seconds, not after the builds.
    const emulator = workspaceEmulator(workspace);
    await emulator.version();
    if (flavours.includes(xenFlavour)) await findXen();
    const services = { workspace, emulator };
    const images = await standardImages(services, { flavours, source, jobs }, context.job);
    const experiment = await createExperiment(workspace, {
      name: name ?? 'lab',
      numbered: name === undefined,
      note,
      plan: standardPlan(images, { workloads, repeat, append: '' }),
    });
    return perform(context, experiment.id);
  },
  render: performedText,
  exitCode: performedExitCode,
});
