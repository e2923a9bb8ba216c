import { z } from 'zod';
import {
  defaultMachine,
  environmentNames,
  formatCommand,
  type BootCommand,
} from '../../boot/index.js';
import { observeDocument } from '../../contract.js';
import { exitCodes } from '../../errors/index.js';
import { findImage } from '../../images/find-image.js';
import { observeDocumentOf } from '../../images/observe-document.js';
import { openPatchKernel } from '../../images/patch-kernel.js';
import { observe as observeKernel, observeRequest } from '../../patch/observe/index.js';
import { count, environment } from '../inputs.js';
import { observeText } from '../observe-text.js';
import { workspaceEmulator } from '../../experiment/emulator.js';
import { defineVerb } from '../verb.js';

type Reply = z.infer<typeof observeDocument>;

interface Result {
  reply: Reply;
  command: BootCommand;
  strict: boolean;
}

export const observe = defineVerb({
  name: 'observe',
  summary: 'boot a kernel once, and tell what it rewrote of itself, and by which table',
  examples: [
    ['kbl observe xen-6.1.192 --as xen-pv-dom0', 'what Xen makes of its code'],
    ['kbl observe native-6.1.192 --cpu max', 'on another processor'],
    ['kbl observe ./vmlinuz --strict', 'fail when a change is not explained: for CI'],
  ],
  arguments: [
    {
      syntax: '<image>',
      description: 'name, beginning of the digest, or file of a bzImage',
      completion: 'image',
    },
  ],
  options: [
    {
      flags: '--as <environment>',
      description: `${environmentNames.join(' or ')}; bare by default`,
      completion: environmentNames,
    },
    {
      flags: '--cpu <model>',
      description: `QEMU's CPU model, ${defaultMachine.cpu} by default`,
    },
    { flags: '--append <words>', description: "words for the kernel's command line" },
    { flags: '--limit <n>', description: 'rows of each list in the text, 20 by default' },
    { flags: '--strict', description: 'exit code 8 when a change is not explained' },
    { flags: '--dry-run', description: 'print the exact command instead of running it' },
  ],
  input: z.object({
    image: z.string(),
    as: environment.default('bare'),
    cpu: z.string().default(defaultMachine.cpu),
    append: z.string().optional(),
    limit: count.default(20),
    strict: z.boolean().default(false),
    dryRun: z.boolean().default(false),
  }),
  reply: observeDocument,
  async run(context, asked): Promise<Result> {
    const workspace = await context.workspace();
    const found = await findImage(workspace, asked.image);
    const { kernel } = await openPatchKernel(workspace, found, context.job);
    const emulator = workspaceEmulator(workspace);
    const request = {
      ...{ kernel, file: found.file, environment: asked.as, append: asked.append },
      machine: { ...defaultMachine, cpu: asked.cpu },
    };
    const folder = await workspace.temporaryFolder('observe');
    const command = await emulator.command(await observeRequest({ workspace }, request, folder));
    for (const warning of command.warnings) context.note(`warning: ${warning}`);
    const observation = asked.dryRun
      ? undefined
      : await observeKernel({ workspace, emulator }, request, context.job);
    const reply = observeDocumentOf(request, found.image?.name ?? null, command, observation);
    return { reply, command, strict: asked.strict };
  },
  document: ({ reply }) => reply,
  render: ({ reply, command }, { colours }, { limit }) =>
    reply.observation ? observeText(reply, limit, colours) : formatCommand(command).trimEnd(),
  exitCode: ({ reply: { changes }, strict }) =>
    strict && changes && changes.unexplained.places > 0 ? exitCodes.mismatch : 0,
});
