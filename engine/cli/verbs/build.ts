import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { buildFlavour } from '../../build/build-flavour.js';
import { findFlavour } from '../../build/flavours.js';
import type { Flavour } from '../../build/types.js';
import { buildDocument } from '../../contract.js';
import { byteCount } from '../text.js';
import { count } from '../inputs.js';
import { defineVerb } from '../verb.js';

export const build = defineVerb({
  name: 'build',
  summary: 'build flavours of a kernel, reproducibly, or find them in the cache',
  examples: [
    ['kbl build native xen', 'two flavours of the installed linux-source package'],
    ['kbl build xen --source ~/linux --jobs 8', 'of your own tree'],
    ['kbl build native --fragment debug.config', 'with options of your own on top'],
  ],
  arguments: [
    {
      syntax: '<flavour...>',
      description: 'native, xen, paravirt, or the path of a kconfig fragment',
      completion: 'flavour',
    },
  ],
  options: [
    {
      flags: '--source <source>',
      description: 'folder of a kernel tree, or version of a linux-source package (6.1)',
      completion: 'folder',
    },
    { flags: '-j, --jobs <n>', description: 'parallel compilers; one a processor by default' },
    {
      flags: '--fragment <file...>',
      description: 'kconfig fragments to merge over the flavour',
      completion: 'file',
    },
  ],
  input: z.object({
    flavour: z.array(z.string()),
    source: z.string().optional(),
    jobs: count.optional(),
    fragment: z.array(z.string()).default([]),
  }),
  reply: buildDocument,
  async run(context, { flavour: names, source, jobs, fragment }) {
    const workspace = await context.workspace();
    // Before the first is built: a typing error in the last must not come out minutes later.
    const flavours = await Promise.all(names.map(findFlavour));
    const builds = [];
    for (const plain of flavours) {
      const flavour = withFragments(plain, fragment);
      const { image, cached, folder, warnings } = await buildFlavour(
        workspace,
        { flavour, source, jobs },
        context.job,
      );
      builds.push({ image, cached, folder, warnings });
    }
    return { schema: 'kbl-build' as const, version: 1 as const, builds };
  },
  document: (reply) => reply,
  render({ builds }) {
    return builds
      .flatMap(({ image, cached, folder, warnings }) => [
        `${image.name}: ${byteCount(image.size)}${cached ? ', from the cache' : ''}, ${folder}`,
        ...warnings.map((warning) => `  warning: ${warning}`),
      ])
      .join('\n');
  },
});

/** A flavour with the user's fragments on top, named after both. */
function withFragments(flavour: Flavour, files: readonly string[]): Flavour {
  if (files.length === 0) return flavour;
  return {
    name: [flavour.name, ...files.map((file) => basename(file, '.config'))].join('+'),
    summary: `${flavour.summary}, with ${files.join(', ')}`,
    fragments: [...flavour.fragments, ...files.map((file) => resolve(file))],
  };
}
