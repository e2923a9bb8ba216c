import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildErrors } from '../errors/build.js';
import { LabError } from '../errors/lab-error.js';
import { makeFolder } from '../make-folder.js';
import { replaceFile } from '../replace-file.js';
import type { Workspace } from '../workspace/types.js';
import { parseFragment } from './kconfig.js';

/**
 * Kconfig fragments that the user writes in the app: `fragments/NAME.config` of the workspace,
 * plain files for `kbl build --fragment` as well. What is half written is kept too: whether each line
 * is an option is told with it, and asked again by the build.
 */
export interface OwnFragment {
  name: string;
  text: string;
  /** How many options it sets; 0 where a line is none. */
  options: number;
  /** What is wrong with it, by line. */
  problem: LabError | null;
}

type Home = Pick<Workspace, 'folders'>;

/** File of a fragment. @throws build-fragment-name */
export function ownFragmentFile({ folders }: Home, name: string): string {
  if (!isName(name)) throw buildErrors.fragmentName({ name });
  return join(folders.home, 'fragments', `${name}.config`);
}

export async function listOwnFragments(home: Home): Promise<OwnFragment[]> {
  const files = await readdir(join(home.folders.home, 'fragments')).catch(() => []);
  const names = files
    .filter((file) => file.endsWith('.config'))
    .map((file) => file.slice(0, -'.config'.length))
    .filter(isName)
    .sort();
  return Promise.all(
    names.map(async (name) => judged(name, await readFile(ownFragmentFile(home, name), 'utf8'))),
  );
}

/** @throws build-fragment-name, report-write-failed */
export async function saveOwnFragment(
  home: Home,
  name: string,
  text: string,
): Promise<OwnFragment> {
  const file = ownFragmentFile(home, name);
  await makeFolder(join(home.folders.home, 'fragments'));
  await replaceFile(file, text);
  return judged(name, text);
}

/** @throws build-fragment-name */
export async function removeOwnFragment(home: Home, name: string): Promise<void> {
  await rm(ownFragmentFile(home, name), { force: true });
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}

function judged(name: string, text: string): OwnFragment {
  try {
    const { options } = parseFragment(text, `${name}.config`);
    return { name, text, options: options.size, problem: null };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { name, text, options: 0, problem: error };
  }
}
