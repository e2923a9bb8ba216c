import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { buildErrors, commonErrors } from '../errors/index.js';
import { projectPath } from '../paths.js';
import { parseFragment, type Fragment } from './kconfig.js';
import type { Flavour, FlavourName } from './types.js';

/** The flavours that ship with the lab are data: images/flavours.json and images/fragments/. */

const flavourFile = z.record(
  z.string(),
  z.strictObject({
    summary: z.string(),
    fragments: z.array(z.string()),
    steps: z.number().int().positive(),
  }),
);

/** The shipped flavours, in the file's order. */
export async function shippedFlavours(): Promise<Flavour[]> {
  const text = await readFile(projectPath('images', 'flavours.json'), 'utf8');
  return Object.entries(flavourFile.parse(JSON.parse(text))).map(([name, flavour]) => ({
    ...flavour,
    name,
    fragments: flavour.fragments.map((fragment) => fragmentPath(fragment)),
  }));
}

/**
 * A flavour by name; or from fragments of the user's own: one path, or several
 * joined by commas, merged over `common.config`; the last one names the flavour.
 * @throws build-unknown-flavour
 */
export async function findFlavour(reference: FlavourName): Promise<Flavour> {
  const shipped = await shippedFlavours();
  const known = shipped.find(({ name }) => name === reference);
  if (known !== undefined) return known;

  const paths = reference.split(',');
  if (!paths.every((path) => path.endsWith('.config')))
    throw buildErrors.unknownFlavour({ name: reference, known: shipped.map(({ name }) => name) });
  return {
    name: basename(paths.at(-1)!, '.config'),
    summary: `common.config and ${paths.map((path) => basename(path)).join(', ')}`,
    fragments: [fragmentPath('common'), ...paths.map((path) => resolve(path))],
  };
}

/**
 * Reads a flavour's fragments in order.
 * @throws file-missing, build-fragment-syntax
 */
export async function readFragments(flavour: Flavour): Promise<Fragment[]> {
  return Promise.all(
    flavour.fragments.map(async (file) => {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw commonErrors.fileMissing({ file, what: 'a kconfig fragment' }, error);
      });
      return parseFragment(text, basename(file));
    }),
  );
}

function fragmentPath(name: string): string {
  return join(projectPath('images', 'fragments'), `${name}.config`);
}
