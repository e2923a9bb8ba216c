import { z } from 'zod';
import { importDocument } from '../../contract.js';
import { importImage } from '../../images/import-image.js';
import { descriptionText } from '../description.js';
import { defineVerb } from '../verb.js';

export const importVerb = defineVerb({
  name: 'import',
  summary: 'copy a kernel image from a file into the workspace',
  examples: [
    ['kbl import /boot/vmlinuz-6.1.0-43-amd64', "a distribution's kernel"],
    ['kbl import ~/linux/arch/x86/boot/bzImage --name mine', 'your own, under a name'],
  ],
  arguments: [{ syntax: '<file>', description: 'a bzImage', completion: 'file' }],
  options: [{ flags: '--name <name>', description: 'what to call it' }],
  input: z.object({ file: z.string(), name: z.string().optional() }),
  reply: importDocument,
  async run(context, { file, name }) {
    const workspace = await context.workspace();
    const imported = await importImage(workspace, file, name, context.job);
    return { schema: 'kbl-import' as const, version: 2 as const, ...imported };
  },
  document: (reply) => reply,
  render({ image, existed, description }, { colours }) {
    const head = existed
      ? `${image.name} was in the workspace already`
      : `imported as ${image.name}`;
    return `${head}\n\n${descriptionText(description, colours)}`;
  },
});
