import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { defaultMachine, type EnvironmentName } from '../../boot/index.js';
import { patchDocument } from '../../contract.js';
import { exitCodes } from '../../errors/index.js';
import { findOrImport } from '../../images/find-image.js';
import { patchDocumentOf } from '../../images/patch-document.js';
import { patchImage } from '../../images/patch-image.js';
import { familyNames } from '../../patch/types.js';
import { replaceFile } from '../../replace-file.js';
import { words } from '../inputs.js';
import { patchText } from '../patch-text.js';
import { workspaceEmulator } from '../../experiment/emulator.js';
import { defineVerb } from '../verb.js';

/** Targets by the word for them: under Xen, dom0 is the PV guest that the lab boots. */
export const targets = { bare: 'bare', 'xen-pv': 'xen-pv-dom0' } as const;
export const targetNames = Object.keys(targets) as (keyof typeof targets)[];

/** Differences that the text lists; `--json` has all that were kept. */
const listed = 20;

export const patch = defineVerb({
  name: 'patch',
  summary: 'resolve offline what a kernel would rewrite of itself at boot',
  examples: [
    [
      'kbl patch xen-6.1.192 --for bare -o vmlinuz',
      'every family, as the kernel would on the bare machine that the lab boots',
    ],
    [
      'kbl patch xen-6.1.192 --for xen-pv --families paravirt',
      "paravirt calls alone: they become calls of Xen's functions",
    ],
    [
      'kbl patch xen-6.1.192 --for bare --except schedule pv_ops.mmu.write_cr3',
      'all but what one function has, and the calls through one member of pv_ops',
    ],
    [
      'kbl patch xen-6.1.192 --for bare --constant pgdir_shift d_hash_shift',
      'and loads of two variables as immediates',
    ],
    [
      'kbl patch /boot/vmlinuz-6.1.0-42-amd64 --for bare --cpu max',
      "a distribution's kernel, for another processor",
    ],
  ],
  arguments: [
    { syntax: '<image>', description: 'name, digest or file of a bzImage', completion: 'image' },
  ],
  options: [
    {
      flags: '--for <target>',
      description: `where it is to run: ${targetNames.join(' or ')}`,
      completion: targetNames,
    },
    {
      flags: '--cpu <model>',
      description: `QEMU's CPU model whose features count; ${defaultMachine.cpu} by default`,
    },
    {
      flags: '--families <names>',
      description: `some of ${familyNames.join(',')}; all by default`,
      completion: familyNames,
    },
    {
      flags: '--except <site...>',
      description:
        'left to the kernel: static keys and calls, members of pv_ops, functions, function+0x10, addresses',
    },
    {
      flags: '--constant <symbol...>',
      description: 'variables whose loads become immediates, as `kbl constants` ranks them',
    },
    { flags: '--force', description: 'take variables, too, that may change, as the error says' },
    {
      flags: '--keep-tables',
      description: 'leave the tables as they are: for comparing text, the kernel may not boot',
    },
    { flags: '-o, --output <file>', description: 'write it to this file too', completion: 'file' },
    { flags: '--name <name>', description: 'what to call it in the workspace' },
  ],
  input: z.object({
    image: z.string(),
    for: z.enum(targetNames, { error: `expected one of ${targetNames.join(', ')}` }),
    cpu: z.string().optional(),
    families: z
      .literal('all')
      .transform(() => undefined)
      .or(words(familyNames))
      .optional(),
    except: z.array(z.string()).default([]),
    constant: z.array(z.string()).default([]),
    force: z.boolean().default(false),
    keepTables: z.boolean().default(false),
    output: z.string().optional(),
    name: z.string().optional(),
  }),
  reply: patchDocument,
  async run(context, { image: reference, for: target, cpu, families, output, name, ...choices }) {
    const workspace = await context.workspace();
    const original = await findOrImport(workspace, reference, context.job);
    const environment: EnvironmentName = targets[target];
    const result = await patchImage(
      workspace,
      workspaceEmulator(workspace),
      original,
      {
        ...{ environment, cpu, name, keepTables: choices.keepTables },
        ...{ constants: choices.constant, force: choices.force },
        families,
        except: new Set(choices.except),
      },
      context.job,
    );
    if (output !== undefined) {
      await replaceFile(output, await readFile(workspace.store.path(result.image.sha256)));
    }
    return patchDocumentOf(result, output === undefined ? null : resolve(output));
  },
  document: (patched) => patched,
  render: (patched, { colours }) => patchText(patched, listed, colours),
  // What was to be left to the kernel differs until it runs.
  exitCode: ({ text }) => (text.different > text.left ? exitCodes.mismatch : 0),
});
