import { z } from 'zod';
import {
  defaultMachine,
  environmentNames,
  formatCommand,
  type BootCommand,
} from '../../boot/index.js';
import { commandsDocument } from '../../contract.js';
import { plannedCommands } from '../../experiment/dry-run.js';
import { workspaceEmulator } from '../../experiment/emulator.js';
import { chooseWorkloads } from '../../experiment/plan.js';
import { createExperiment } from '../../experiment/runner.js';
import type { Plan, PlannedCell } from '../../experiment/types.js';
import { findOrImport } from '../../images/find-image.js';
import { columnName, findBaseline } from '../../report/baseline.js';
import { toDocument } from '../../report/json.js';
import { comparisonDocument } from '../../report/schema.js';
import { count, list, words } from '../inputs.js';
import { perform, performedExitCode, performedText, type Performed } from '../perform.js';
import { commandDocument } from '../documents.js';
import { defineVerb } from '../verb.js';

/** What a dry run gives instead of figures. */
type Commands = { cell: PlannedCell; command: BootCommand }[];

export const measure = defineVerb({
  name: 'measure',
  summary: 'count what operations cost on images, each in each environment',
  examples: [
    ['kbl measure native-6.1.192 xen-6.1.192 --as bare', 'two images side by side'],
    ['kbl measure ./vmlinuz --as bare,xen-pv-dom0,xen-pvh-dom0', "a distribution's kernel"],
    ['kbl measure xen-6.1.192 --workloads null,pipe --repeat 3 --json', 'for a script'],
  ],
  arguments: [
    {
      syntax: '<image...>',
      description: 'names, beginnings of digests, or files (these are imported)',
      completion: 'image',
    },
  ],
  options: [
    {
      flags: '--as <environments>',
      description: `some of ${environmentNames.join(',')}; bare by default`,
      completion: environmentNames,
    },
    {
      flags: '--workloads <names>',
      description: 'what to measure; everything by default',
      completion: 'workload',
    },
    { flags: '--repeat <n>', description: 'boots of each image in each environment; 1 by default' },
    { flags: '--append <words>', description: "words for the kernel's command line" },
    { flags: '--cpu <model>', description: `-cpu of QEMU; ${defaultMachine.cpu} by default` },
    {
      flags: '--memory <mib>',
      description: `memory of the machine, ${String(defaultMachine.memory)} MiB by default`,
    },
    { flags: '--baseline <column>', description: 'label, label/environment, or index from 0' },
    { flags: '--name <name>', description: 'name of the experiment; measure, measure-2, ...' },
    { flags: '--note <text>', description: 'what you want to remember of it' },
    { flags: '--dry-run', description: 'print the exact emulator commands and run nothing' },
  ],
  input: z.object({
    image: z.array(z.string()),
    as: words(environmentNames).default(['bare']),
    workloads: list.optional(),
    repeat: count.default(1),
    append: z.string().default(''),
    cpu: z.string().default(defaultMachine.cpu),
    memory: count.default(defaultMachine.memory),
    baseline: z.string().optional(),
    name: z.string().optional(),
    note: z.string().optional(),
    dryRun: z.boolean().default(false),
  }),
  reply: z.union([comparisonDocument, commandsDocument]),
  document: (result: Performed | Commands) =>
    Array.isArray(result)
      ? {
          schema: 'kbl-commands' as const,
          version: 1 as const,
          commands: result.map(({ cell: { label, environment }, command }) => ({
            label,
            environment,
            command: commandDocument(command),
          })),
        }
      : toDocument(result.comparison),
  async run(context, asked) {
    const workspace = await context.workspace();
    const workloads = chooseWorkloads(asked.workloads);
    const cells: PlannedCell[] = [];
    for (const reference of asked.image) {
      const { sha256, name } = await findOrImport(workspace, reference, context.job);
      for (const environment of asked.as) cells.push({ image: sha256, label: name, environment });
    }
    const { repeat, append, cpu, memory } = asked;
    const machine = { ...defaultMachine, cpu, memory };
    const plan: Plan = { schema: 1, cells, workloads, repeat, machine, append };
    if (asked.dryRun) {
      return plannedCommands({ workspace, emulator: workspaceEmulator(workspace) }, plan);
    }
    // Now, and not when everything has been measured.
    findBaseline(
      cells.map((cell) => ({ ...cell, name: columnName(cell) })),
      asked.baseline,
    );
    const { id } = await createExperiment(workspace, {
      name: asked.name ?? 'measure',
      numbered: asked.name === undefined,
      note: asked.note,
      plan,
    });
    return perform(context, id, asked.baseline);
  },
  render: (result, context) =>
    Array.isArray(result) ? commandsText(result) : performedText(result, context),
  exitCode: (result) => (Array.isArray(result) ? 0 : performedExitCode(result)),
});

function commandsText(commands: Commands): string {
  return commands
    .map(
      ({ cell: { label, environment }, command }) =>
        `# ${label} on ${environment}\n${formatCommand(command).trimEnd()}`,
    )
    .join('\n\n');
}
