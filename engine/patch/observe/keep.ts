import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { LabError } from '../../errors/index.js';
import { makeFolder } from '../../make-folder.js';
import type { JobOptions } from '../../progress.js';
import { replaceFile } from '../../replace-file.js';
import type { Bytes, Milliseconds, Sha256 } from '../../units.js';
import { workspaceTrouble } from '../../workspace/folders.js';
import type { Workspace } from '../../workspace/types.js';
import type { ObservationRecord } from './types.js';

/** More than these are not kept: what was not looked for the longest goes first, and is taken anew. */
const mostKept = 40;

/** Counts up with what is kept, how it is taken, or how much of the kernel it holds. */
const version = 1;

interface Kept {
  version: number;
  /** Digest of the compressed memory, its name in the store. */
  stored: Sha256;
  observation: ObservationRecord;
}

export const digestOf = (bytes: Uint8Array): Sha256 =>
  createHash('sha256').update(bytes).digest('hex');

/** Keeps an observation. @throws workspace-full, workspace-unwritable, report-write-failed */
export async function keep(
  workspace: Workspace,
  observation: ObservationRecord,
  memory: Uint8Array,
): Promise<void> {
  // Most of it is code, which a higher level makes hardly smaller.
  const { sha256: stored } = await workspace.store.put(
    await promisify(deflate)(memory, { level: 1 }),
  );
  const kept: Kept = { version, stored, observation };
  const folder = folderOf(workspace);
  await makeFolder(folder).catch(async (error: unknown) => {
    throw await workspaceTrouble(error, folder);
  });
  await replaceFile(fileOf(workspace, observation.inputHash), JSON.stringify(kept));
  await prune(workspace);
}

/** Forgets what was seen of an image that is gone. */
export async function forgetObservations(workspace: Workspace, image: Sha256): Promise<void> {
  const all = await allKept(workspace);
  await forget(workspace, all, ({ kept }) => kept.observation.image === image);
}

async function prune(workspace: Workspace): Promise<void> {
  const all = (await allKept(workspace)).sort((a, b) => b.used - a.used);
  const old = new Set(all.slice(mostKept));
  await forget(workspace, all, (one) => old.has(one));
}

interface KeptFile {
  file: string;
  kept: Kept;
  /** When it was kept, or found last. */
  used: Milliseconds;
}

/** Every observation that can be read. */
async function allKept(workspace: Workspace): Promise<KeptFile[]> {
  const folder = folderOf(workspace);
  const names = await readdir(folder).catch(() => []);
  const all = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name): Promise<KeptFile[]> => {
      const file = join(folder, name);
      try {
        const kept = JSON.parse(await readFile(file, 'utf8')) as Kept;
        return [{ file, kept, used: (await stat(file)).mtimeMs }];
      } catch {
        return [];
      }
    });
  return (await Promise.all(all)).flat();
}

async function forget(
  { store }: Workspace,
  all: readonly KeptFile[],
  isGone: (one: KeptFile) => boolean,
): Promise<void> {
  const gone = all.filter(isGone);
  // Boots that ended alike share a snapshot.
  const needed = new Set(all.filter((one) => !gone.includes(one)).map(({ kept }) => kept.stored));
  for (const { file, kept } of gone) {
    await rm(file, { force: true });
    if (!needed.has(kept.stored)) await store.remove(kept.stored);
  }
}

/**
 * Finds what was kept under an input hash; undefined when there is none, or one that is
 * damaged: it is taken anew then, and nothing is lost.
 */
export async function findKept(
  workspace: Workspace,
  inputHash: Sha256,
  { signal }: JobOptions,
): Promise<{ observation: ObservationRecord; memory: Uint8Array } | undefined> {
  const text = await readFile(fileOf(workspace, inputHash), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { version: its, stored, observation } = JSON.parse(text) as Kept;
    if (its !== version) return undefined;
    const { start, end } = observation.range;
    const file = await workspace.store.verified(stored, { signal });
    const memory = await unpack(await readFile(file), end - start);
    if (observation.inputHash === inputHash && digestOf(memory) === observation.sha256) {
      const now = new Date();
      await utimes(fileOf(workspace, inputHash), now, now);
      return { observation, memory };
    }
    workspace.log.warn('a kept observation is damaged', { inputHash });
  } catch (error) {
    if (signal?.aborted || (error instanceof LabError && error.code === 'cancelled')) throw error;
    workspace.log.warn('a kept observation is damaged', { inputHash, error: String(error) });
  }
  return undefined;
}

function unpack(packed: Uint8Array, size: Bytes): Promise<Uint8Array> {
  return promisify(inflate)(packed, { maxOutputLength: size });
}

const folderOf = ({ folders }: Workspace): string => join(folders.home, 'observations');

const fileOf = (workspace: Workspace, inputHash: Sha256): string =>
  join(folderOf(workspace), `${inputHash}.json`);
