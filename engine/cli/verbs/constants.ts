import { z } from 'zod';
import { defaultMachine, environmentNames } from '../../boot/index.js';
import { constantsDocument } from '../../contract.js';
import { chooseWorkloads } from '../../experiment/plan.js';
import { constantsOfImage } from '../../images/constants-document.js';
import { findOrImport } from '../../images/find-image.js';
import { constantsText } from '../constants-text.js';
import { count, environment, list } from '../inputs.js';
import { defineVerb } from '../verb.js';

export const constants = defineVerb({
  name: 'constants',
  summary: 'list read-mostly variables by how often they are read, and what immediates would save',
  examples: [
    ['kbl constants xen-6.1.192', 'by all workloads together, on the bare machine'],
    ['kbl constants xen-6.1.192 --as xen-pv-dom0 --workloads fork_exec', 'by one, under Xen'],
    ['kbl constants ./vmlinuz --json', "a distribution's kernel, every variable, for a script"],
  ],
  arguments: [
    { syntax: '<image>', description: 'name, digest or file of a bzImage', completion: 'image' },
  ],
  options: [
    {
      flags: '--as <environment>',
      description: `one of ${environmentNames.join(',')}; bare by default`,
      completion: environmentNames,
    },
    {
      flags: '--workloads <names>',
      description: 'what to run; everything by default',
      completion: 'workload',
    },
    { flags: '--cpu <model>', description: `-cpu of QEMU; ${defaultMachine.cpu} by default` },
    { flags: '--limit <n>', description: 'variables in the text, 20 by default' },
  ],
  input: z.object({
    image: z.string(),
    as: environment.default('bare'),
    workloads: list.optional(),
    cpu: z.string().default(defaultMachine.cpu),
    limit: count.default(20),
  }),
  reply: constantsDocument,
  async run(context, { image: reference, as, workloads: asked, cpu }) {
    const workloads = chooseWorkloads(asked);
    const workspace = await context.workspace();
    const image = await findOrImport(workspace, reference, context.job);
    return constantsOfImage(workspace, image, { environment: as, cpu, workloads }, context.job);
  },
  document: (reply) => reply,
  render: (reply, _, { limit }) => constantsText(reply, limit),
});
