import { z } from 'zod';
import { inspectDocument } from '../../contract.js';
import { findImage } from '../../images/find-image.js';
import { inspectFile } from '../../images/import-image.js';
import { readKernelFile } from '../../images/kernel-file.js';
import { tidy } from '../../report/figures.js';
import { descriptionText, headerText, notesText, sectionsText } from '../description.js';
import { defineVerb } from '../verb.js';

export const inspect = defineVerb({
  name: 'inspect',
  summary: 'show what a kernel image is: header, payload, notes, where it boots',
  examples: [
    ['kbl inspect native-6.1.192', 'an image of the workspace'],
    ['kbl inspect /boot/vmlinuz-6.1.0-43-amd64 --fields', 'a file, with its whole setup header'],
  ],
  arguments: [
    {
      syntax: '<image>',
      description: 'name, beginning of the digest, or a file (bzImage or vmlinux)',
      completion: 'image',
    },
  ],
  options: [
    { flags: '--fields', description: 'show every field of the setup header' },
    { flags: '--sections', description: "show the sections of the kernel's ELF" },
    { flags: '--notes', description: 'show every ELF note' },
  ],
  input: z.object({
    image: z.string(),
    fields: z.boolean().default(false),
    sections: z.boolean().default(false),
    notes: z.boolean().default(false),
  }),
  reply: inspectDocument,
  async run(context, input) {
    const { file, image } = await findImage(await context.workspace(), input.image);
    const description = await inspectFile(file, await readKernelFile(file), context.job);
    return { schema: 'kbl-inspect' as const, version: 2 as const, file, image, description };
  },
  document: (reply) => reply,
  render({ file, image, description }, { colours }, { fields, sections, notes }) {
    const title = colours.bold(tidy(image?.name ?? file));
    const parts = [`${title}\n`, descriptionText(description, colours)];
    if (fields) parts.push('', headerText(description));
    if (sections) parts.push('', sectionsText(description));
    if (notes) parts.push('', notesText(description));
    return parts.join('\n');
  },
});
