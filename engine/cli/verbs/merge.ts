import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { mergeDocument } from '../../contract.js';
import { findOrImport } from '../../images/find-image.js';
import { mergeImages } from '../../images/merge-images.js';
import { replaceFile } from '../../report/export.js';
import { byteCount } from '../text.js';
import { defineVerb } from '../verb.js';

export const merge = defineVerb({
  name: 'merge',
  summary: 'merge two images into one that boots the first bare and the second under Xen',
  examples: [
    ['kbl merge native-6.1.192 xen-6.1.192 -o vmlinuz', 'a multi-image, also written to a file'],
  ],
  arguments: [
    {
      syntax: '<bare>',
      description: 'the image that boot loaders start: name, digest or file',
      completion: 'image',
    },
    {
      syntax: '<xen>',
      description: 'the image that Xen starts: name, digest or file',
      completion: 'image',
    },
  ],
  options: [
    { flags: '-o, --output <file>', description: 'write it to this file too', completion: 'file' },
    { flags: '--name <name>', description: 'what to call it in the workspace' },
  ],
  input: z.object({
    bare: z.string(),
    xen: z.string(),
    output: z.string().optional(),
    name: z.string().optional(),
  }),
  reply: mergeDocument,
  async run(context, { bare, xen, output, name }) {
    const workspace = await context.workspace();
    const parts = [
      await findOrImport(workspace, bare, context.job),
      await findOrImport(workspace, xen, context.job),
    ] as const;
    const image = await mergeImages(workspace, ...parts, name, context.job);
    if (output !== undefined) {
      await replaceFile(output, await readFile(workspace.store.path(image.sha256)));
    }
    const file = output === undefined ? null : resolve(output);
    return { schema: 'kbl-merge' as const, version: 1 as const, image, file };
  },
  document: (reply) => reply,
  render({ image, file }) {
    const labels = image.parts.map(({ label }) => label).join(' + ');
    const copy = file === null ? '' : `\nwritten to ${file}`;
    return `merged ${labels} as ${image.name}, ${byteCount(image.size)}${copy}`;
  },
});
