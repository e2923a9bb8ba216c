import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LabError } from '../errors/index.js';
import { makeFolder } from '../make-folder.js';
import { writeWhole } from '../replace-file.js';
import type { Sha256 } from '../units.js';
import type { Workspace } from '../workspace/types.js';
import { sha256OfJson } from './digest.js';
import { fixedEnvironment } from './environment.js';
import type { AskedOption } from './kconfig.js';
import type { Toolchain } from './toolchain.js';
import type { BuildRecord, FlavourName } from './types.js';

/**
 * The cache of builds. A build is known by its key; `builds/<key>/record.json`
 * is written last, so that a folder without it is a build that never ended.
 */

/** Everything that decides a kernel's bytes: the build's key is its digest. */
export function buildKey(parts: {
  source: Sha256;
  configuration: Sha256;
  toolchain: Toolchain;
}): Sha256 {
  return sha256OfJson({ ...parts, environment: fixedEnvironment });
}

/**
 * What is known before the configuration is: it takes kconfig seconds to make
 * the final `.config`, and the same question has the same answer.
 */
export function shortcutOf(parts: {
  source: Sha256;
  asked: ReadonlyMap<string, AskedOption>;
  toolchain: Toolchain;
}): Sha256 {
  const asked = [...parts.asked].map(([option, { value }]) => [option, value]);
  return sha256OfJson({ ...parts, asked, environment: fixedEnvironment });
}

export async function readShortcut(
  { folders }: Pick<Workspace, 'folders'>,
  shortcut: Sha256,
): Promise<Sha256 | undefined> {
  const key = await readFile(shortcutFile(folders.builds, shortcut), 'utf8').catch(() => '');
  return /^[0-9a-f]{64}$/.test(key) ? key : undefined;
}

export async function writeShortcut(
  { folders }: Pick<Workspace, 'folders'>,
  shortcut: Sha256,
  key: Sha256,
): Promise<void> {
  const file = shortcutFile(folders.builds, shortcut);
  await makeFolder(dirname(file));
  await writeWhole(file, key);
}

function shortcutFile(builds: string, shortcut: Sha256): string {
  return join(builds, 'keys', shortcut);
}

/** Folder of a build in the workspace. */
export function buildFolder({ folders }: Pick<Workspace, 'folders'>, key: Sha256): string {
  return join(folders.builds, key);
}

/** The record of a build that ended well and whose files are all still there, unchanged. */
export async function findBuilt(
  workspace: Pick<Workspace, 'folders' | 'store'>,
  key: Sha256,
): Promise<BuildRecord | undefined> {
  const record = await readRecord(buildFolder(workspace, key));
  if (record?.key !== key) return undefined;
  try {
    for (const { sha256 } of Object.values(record.artifacts))
      await workspace.store.verified(sha256);
    return record;
  } catch (error) {
    // Missing or damaged files of the store are made again by building again.
    if (error instanceof LabError && error.code.startsWith('store-')) return undefined;
    throw error;
  }
}

/** The newest record of a flavour: what its next build is expected to take. */
export async function lastRecordOf(
  { folders }: Pick<Workspace, 'folders'>,
  flavour: FlavourName,
): Promise<BuildRecord | undefined> {
  let newest: { record: BuildRecord; written: number } | undefined;
  for (const name of await readdir(folders.builds).catch((): string[] => [])) {
    const folder = join(folders.builds, name);
    const record = await readRecord(folder);
    if (record?.flavour !== flavour) continue;
    const written = Date.parse(record.builtAt);
    if (newest === undefined || written > newest.written) newest = { record, written };
  }
  return newest?.record;
}

async function readRecord(folder: string): Promise<BuildRecord | undefined> {
  try {
    const text = await readFile(join(folder, 'record.json'), 'utf8');
    const record = JSON.parse(text) as { schema: number };
    // Another schema is another version's: its build is made again, not misread.
    return record.schema === 1 ? (record as BuildRecord) : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, record: BuildRecord): Promise<void> {
  await makeFolder(folder);
  await writeWhole(join(folder, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
}
