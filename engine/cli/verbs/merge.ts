import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { ImageRecord } from '../../../db/records.js';
import { isFlavourName } from '../../bzimage/index.js';
import { mergeDocument } from '../../contract.js';
import { mergeErrors } from '../../errors/merge.js';
import { findOrImport } from '../../images/find-image.js';
import { mergeDocumentOf } from '../../images/merge-document.js';
import { mergeImages } from '../../images/merge-images.js';
import { replaceFile } from '../../replace-file.js';
import { mergeText } from '../merge-text.js';
import { defineVerb } from '../verb.js';

export const merge = defineVerb({
  name: 'merge',
  summary: 'merge images into one that stores what they share once, and boots as any of them',
  examples: [
    [
      'kbl merge native-6.1.192 xen-6.1.192 -o vmlinuz',
      'native by default, xen under Xen, any with kbl.flavour=NAME on the command line',
    ],
    [
      'kbl merge native-6.1.192 paravirt-6.1.192 xen-6.1.192 --rule KVMKVMKVM=paravirt',
      'three flavours, one of them chosen by the hypervisor',
    ],
    [
      'kbl merge old=/boot/vmlinuz-6.1.0-42-amd64 new=/boot/vmlinuz-6.1.0-43-amd64',
      "a distribution's kernels, under names of your own",
    ],
  ],
  arguments: [
    {
      syntax: '<image...>',
      description:
        'two or more: name, digest or file, or FLAVOUR=IMAGE; Xen can boot one of them at least',
      completion: 'image',
    },
  ],
  options: [
    { flags: '-o, --output <file>', description: 'write it to this file too', completion: 'file' },
    { flags: '--name <name>', description: 'what to call it in the workspace' },
    {
      flags: '--default <flavour>',
      description: 'boots when nothing decides; the first by default',
    },
    {
      flags: '--rule <signature=flavour...>',
      description:
        "choose a flavour by the hypervisor's CPUID signature; by default Xen's chooses the base",
    },
    {
      flags: '--stub',
      description: "take the boot stub even where the kernel's own decompressor could be linked",
    },
  ],
  input: z.object({
    image: z.array(z.string()),
    output: z.string().optional(),
    name: z.string().optional(),
    default: z.string().optional(),
    rule: z.array(z.string()).optional(),
    stub: z.boolean().default(false),
  }),
  reply: mergeDocument,
  async run(context, { image: words, output, name, default: fallback, rule, stub }) {
    const rules = rule?.map(parseRule);
    if (words.length < 2) throw mergeErrors.tooFew({ count: words.length });
    const workspace = await context.workspace();
    const asked = words.map(parseImage);
    const images: ImageRecord[] = [];
    for (const { reference } of asked) {
      images.push(await findOrImport(workspace, reference, context.job));
    }
    const flavours = asked.map(({ flavour }) => flavour);
    const request = { name, flavours, fallback, rules, stub };
    const record = await mergeImages(workspace, images, request, context.job);
    if (output !== undefined) {
      await replaceFile(output, await readFile(workspace.store.path(record.image.sha256)));
    }
    return mergeDocumentOf(record, images, output === undefined ? null : resolve(output));
  },
  document: (reply) => reply,
  render: (reply, { colours }) => mergeText(reply, colours),
});

/** `FLAVOUR=IMAGE`, or the image alone. */
function parseImage(word: string): { flavour: string | undefined; reference: string } {
  const at = word.indexOf('=');
  const flavour = word.slice(0, Math.max(at, 0));
  return isFlavourName(flavour)
    ? { flavour, reference: word.slice(at + 1) }
    : { flavour: undefined, reference: word };
}

/** `SIGNATURE=FLAVOUR`. @throws merge-bad-rule */
function parseRule(rule: string): { signature: string; flavour: string } {
  const at = rule.lastIndexOf('=');
  if (at < 1) throw mergeErrors.badRule({ rule });
  return { signature: rule.slice(0, at), flavour: rule.slice(at + 1) };
}
