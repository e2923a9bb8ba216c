import { resolve } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../build/digest.js';
import { extractDocument } from '../../contract.js';
import { LabError } from '../../errors/index.js';
import { findImage } from '../../images/find-image.js';
import { readKernelFile } from '../../images/kernel-file.js';
import { extractFlavour } from '../../merge/index.js';
import { replaceFile } from '../../replace-file.js';
import { tidy } from '../../report/figures.js';
import { byteCount } from '../text.js';
import { defineVerb } from '../verb.js';

const howStored = {
  base: 'stored whole, the base',
  recipe: 'rebuilt from the base, checksum right',
  whole: 'the only kernel of the image',
};

export const extract = defineVerb({
  name: 'extract',
  summary: 'take a kernel out of an image, byte for byte as its own bzImage unpacks to',
  examples: [
    [
      'kbl extract multi-6.1.192 --flavour native -o native.elf',
      'a flavour of a multi-image: the ELF, its relocation table behind it',
    ],
    ['kbl extract /boot/vmlinuz-6.1.0-43-amd64 -o vmlinux', 'what is packed in any bzImage'],
  ],
  arguments: [
    {
      syntax: '<image>',
      description: 'name, beginning of the digest, or a file (bzImage)',
      completion: 'image',
    },
  ],
  options: [
    { flags: '--flavour <name>', description: 'which kernel, of a multi-image' },
    { flags: '-o, --output <file>', description: 'where to write it', completion: 'file' },
  ],
  input: z.object({
    image: z.string(),
    flavour: z.string().optional(),
    output: z.string({ error: 'expected the file to write to' }),
  }),
  reply: extractDocument,
  async run(context, { image: reference, flavour: asked, output }) {
    const { file, image } = await findImage(await context.workspace(), reference);
    const extracted = extractFlavour(await readKernelFile(file), asked, context.job);
    const { flavour, stored, bytes } = await extracted.catch((error: unknown) => {
      throw error instanceof LabError ? error.at({ file }) : error;
    });
    await replaceFile(output, bytes);
    return {
      schema: 'kbl-extract' as const,
      version: 1 as const,
      image: { file, name: image?.name ?? null },
      ...{ flavour, stored },
      file: resolve(output),
      size: bytes.length,
      sha256: sha256(bytes),
    };
  },
  document: (reply) => reply,
  render: ({ flavour, stored, file, size }) =>
    `${flavour === null ? 'kernel' : `flavour ${flavour}`}, ${howStored[stored]}\n` +
    `written to ${tidy(file)}, ${byteCount(size)}`,
});
