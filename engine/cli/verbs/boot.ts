import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { z } from 'zod';
import {
  attachTerminal,
  batchSilence,
  defaultMachine,
  environmentNames,
  formatCommand,
  type BootCommand,
  type BootRequest,
  type BootResult,
} from '../../boot/index.js';
import { createEscapeFilter } from '../../boot/escapes.js';
import { bootDocument } from '../../contract.js';
import { workspaceEmulator } from '../../experiment/emulator.js';
import { commonErrors, exitCodes } from '../../errors/index.js';
import { makeInitramfs } from '../../guest/initramfs.js';
import { findImage, type FoundImage } from '../../images/find-image.js';
import { describeFile } from '../../images/import-image.js';
import { readKernelFile } from '../../images/kernel-file.js';
import { tidy } from '../../report/figures.js';
import type { Workspace } from '../../workspace/types.js';
import type { Colours } from '../colours.js';
import type { Context } from '../context.js';
import { count, environment } from '../inputs.js';
import { defineVerb } from '../verb.js';

const input = z.object({
  image: z.string(),
  as: environment.default('bare'),
  dryRun: z.boolean().default(false),
  append: z.string().optional(),
  xenAppend: z.string().optional(),
  memory: count.default(defaultMachine.memory),
  initrd: z.string().optional(),
  timeout: count.optional(),
});

interface Booted {
  found: FoundImage;
  request: BootRequest;
  command: BootCommand;
  /** Undefined for a dry run. */
  result: BootResult | undefined;
}

export const boot = defineVerb({
  name: 'boot',
  summary: 'boot an image, with its console in this terminal',
  examples: [
    ['kbl boot native-6.1.192', 'a shell on the console; Ctrl-A x ends it'],
    ['kbl boot multi-6.1.192 --as xen-pv-dom0', 'the same file under Xen'],
    ['kbl boot vmlinuz --as bare --dry-run', 'print the emulator command and do not run it'],
  ],
  arguments: [
    {
      syntax: '<image>',
      description: 'name, beginning of the digest, or file',
      completion: 'image',
    },
  ],
  options: [
    {
      flags: '--as <environment>',
      description: `${environmentNames.join(' or ')}; bare by default`,
      completion: environmentNames,
    },
    { flags: '--dry-run', description: 'print the exact command instead of running it' },
    { flags: '--append <words>', description: "words for the kernel's command line" },
    { flags: '--xen-append <words>', description: "words for Xen's command line" },
    {
      flags: '--memory <mib>',
      description: `memory of the machine, ${defaultMachine.memory} MiB by default`,
    },
    {
      flags: '--initrd <file>',
      description: 'another initramfs than the shell of the lab',
      completion: 'file',
    },
    { flags: '--timeout <seconds>', description: 'end the guest after so long' },
  ],
  input,
  reply: bootDocument,
  document: ({ found, request, command, result }: Booted) => ({
    schema: 'kbl-boot' as const,
    version: 1 as const,
    image: {
      file: found.file,
      sha256: found.image?.sha256 ?? null,
      name: found.image?.name ?? null,
    },
    environment: request.environment,
    command: {
      program: command.program,
      argv: command.argv,
      kernelCommandLine: command.kernelCommandLine,
      xenCommandLine: command.xenCommandLine ?? null,
    },
    result: result
      ? { outcome: result.outcome, evidence: result.evidence, wall: result.wall }
      : null,
  }),
  async run(context, asked) {
    const workspace = await context.workspace();
    const found = await findImage(workspace, asked.image);
    await check(context, found, asked);
    const request = await requestFor(context, workspace, found, asked);
    const emulator = workspaceEmulator(workspace);
    const command = await emulator.command(request);
    for (const warning of command.warnings) context.note(`warning: ${warning}`);
    if (asked.dryRun) return { found, request, command, result: undefined };

    const guest = await emulator.start(request, { signal: context.job.signal });
    const { stdin, stdout, stderr } = context.terminal;
    if (request.console === 'interactive') {
      return { found, request, command, result: await attachTerminal(guest, stdin, stdout) };
    }
    const filter = createEscapeFilter();
    const output = context.json ? stderr : stdout;
    guest.onConsole((bytes) => void output.write(filter.push(bytes)));
    return { found, request, command, result: await guest.done };
  },
  render: ({ request, command, result }, { colours }) =>
    result ? endText(request, result, colours) : formatCommand(command).trimEnd(),
  exitCode: ({ request, result }) => {
    if (!result || result.outcome === 'completed' || wasLeft(request, result)) return 0;
    return result.outcome === 'cancelled' ? exitCodes.interrupted : exitCodes.guest;
  },
});

/** At a terminal the user ends the guest as a matter of course: Ctrl-A x. */
function wasLeft(request: BootRequest, { outcome }: BootResult): boolean {
  return request.console === 'interactive' && outcome === 'cancelled';
}

function endText(request: BootRequest, result: BootResult, colours: Colours): string {
  const evidence = tidy(result.evidence);
  if (wasLeft(request, result)) return evidence;
  const { outcome } = result;
  return `${outcome === 'completed' ? colours.green(outcome) : colours.red(outcome)}: ${evidence}`;
}

/**
 * What the emulator would say of files that are no kernel or no initramfs helps nobody, so they are
 * read first. An image that is not made for its environment is booted all the same: how
 * it fails may be what is to be seen.
 * @throws what inspect throws of the image; file-missing for the initramfs
 */
async function check(
  context: Context,
  { file, image }: FoundImage,
  { as, initrd }: z.infer<typeof input>,
): Promise<void> {
  const { bootsAs } = await describeFile(file, await readKernelFile(file), context.job);
  const verdict = bootsAs.find(({ environment }) => environment === as);
  if (verdict?.boots === false) {
    context.note(
      `warning: ${tidy(image?.name ?? file)} does not boot as ${as}: ${tidy(verdict.reason)}`,
    );
  }
  if (initrd === undefined) return;
  await access(initrd, constants.R_OK).catch((cause: unknown) => {
    throw commonErrors.fileMissing({ file: initrd, what: 'the initramfs' }, cause);
  });
}

/**
 * At a terminal the guest has a shell. Elsewhere nobody could type: the guest
 * says what it is and powers off.
 */
async function requestFor(
  { terminal: { stdin, stdout }, json }: Context,
  workspace: Workspace,
  { file }: FoundImage,
  asked: z.infer<typeof input>,
): Promise<BootRequest> {
  const interactive = stdin.isTTY && stdout.isTTY && !json;
  const recipe = interactive
    ? ({ kind: 'shell' } as const)
    : ({ kind: 'workloads', workloads: [] } as const);
  return {
    environment: asked.as,
    kernel: file,
    initrd: asked.initrd ?? (await makeInitramfs(workspace, recipe)).path,
    append: asked.append,
    xenAppend: asked.xenAppend,
    machine: { ...defaultMachine, memory: asked.memory },
    console: interactive ? 'interactive' : 'batch',
    folder: await workspace.temporaryFolder('boot'),
    timeout: asked.timeout === undefined ? undefined : asked.timeout * 1000,
    silence: interactive ? undefined : batchSilence,
  };
}
