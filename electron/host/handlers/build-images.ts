import { basename } from 'node:path';
import type { z } from 'zod';
import { buildFlavour } from '../../../engine/build/build-flavour.js';
import { findFlavour, readFragments } from '../../../engine/build/flavours.js';
import { ownFragmentFile } from '../../../engine/build/own-fragments.js';
import type { Flavour } from '../../../engine/build/types.js';
import type { buildDocument } from '../../../engine/contract.js';
import type { JobParamsOf } from '../../../engine/contract/app/index.js';
import type { HostContext } from '../context.js';
import type { JobPlan } from '../handler.js';

/**
 * Builds flavours one after the other: make itself uses every processor. The
 * fragments are read before the job begins, so that the dialog tells of a bad one.
 * @throws build-unknown-flavour, build-fragment-syntax, build-fragment-name, file-missing, app-file-*
 */
export async function buildImages(
  context: HostContext,
  { flavours: names, source, jobs, fragments }: JobParamsOf<'images.build'>,
): Promise<JobPlan<z.infer<typeof buildDocument>>> {
  const home = await context.workspace();
  const files = fragments.map((one) =>
    'own' in one ? ownFragmentFile(home, one.own) : context.grants.toRead(one.file),
  );
  const flavours = (await Promise.all(names.map(findFlavour))).map((one) => extended(one, files));
  await Promise.all(flavours.map(readFragments));
  const tree =
    source === null
      ? undefined
      : 'package' in source
        ? source.package
        : context.grants.toRead(source.folder);
  return {
    title: `Build ${flavours.map(({ name }) => name).join(', ')}`,
    work: async (options) => {
      const workspace = await context.workspace();
      const builds = [];
      for (const flavour of flavours) {
        const request = { flavour, source: tree, jobs: jobs ?? undefined };
        const { image, cached, folder, warnings } = await buildFlavour(workspace, request, options);
        context.removals.restore(image.sha256);
        context.tell('images', {});
        builds.push({ image, cached, folder, warnings });
      }
      return { schema: 'kbl-build', version: 1, builds };
    },
    summary: ({ builds }) => builds.map(({ image }) => image.name).join(', '),
  };
}

/** A flavour with the user's fragments on top, named after both, as `kbl build --fragment` does. */
function extended(flavour: Flavour, files: readonly string[]): Flavour {
  if (files.length === 0) return flavour;
  return {
    name: [flavour.name, ...files.map((file) => basename(file, '.config'))].join('+'),
    summary: flavour.summary,
    fragments: [...flavour.fragments, ...files],
  };
}
