import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { commonErrors } from '../errors/common.js';
import { LabError } from '../errors/lab-error.js';
import { workspaceErrors } from '../errors/workspace.js';
import type { Bytes, Sha256 } from '../units.js';
import { workspaceTrouble } from './folders.js';
import type { Store, StoredFile } from './types.js';

const chunkSize: Bytes = 1024 * 1024;

/**
 * The store under `folder`. Files are written in `partials` (a folder of this
 * process on the same file system), synced and then renamed into place.
 */
export function openStore(folder: string, partials: string): Store {
  const path = (sha256: Sha256): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError(`not a digest: ${sha256}`);
    return join(folder, sha256.slice(0, 2), sha256);
  };
  return {
    path,
    put: async (source, { signal } = {}) => {
      const partial = join(partials, `put-${randomUUID()}`);
      try {
        const { sha256, size } = await writePartial(source, partial, signal);
        return await moveIntoPlace(partial, path(sha256), { sha256, size });
      } catch (error) {
        throw error instanceof LabError ? error : await workspaceTrouble(error, folder);
      } finally {
        await rm(partial, { force: true });
      }
    },
    has: (sha256) =>
      access(path(sha256)).then(
        () => true,
        () => false,
      ),
    verified: async (sha256, { signal } = {}) => {
      const file = path(sha256);
      const found = await digestOf(file, signal);
      if (found === undefined) throw workspaceErrors.storeMissing({ sha256, path: file });
      if (found !== sha256) throw workspaceErrors.storeDamaged({ sha256, path: file, found });
      return file;
    },
    remove: (sha256) => rm(path(sha256), { force: true }),
  };
}

/** Copies the source to a new file, synced and read-only. */
async function writePartial(
  source: Uint8Array | { file: string },
  partial: string,
  signal: AbortSignal | undefined,
): Promise<{ sha256: Sha256; size: Bytes }> {
  const input = source instanceof Uint8Array ? undefined : await openRegular(source.file);
  const output = await open(partial, 'wx', 0o600).catch(async (error: unknown) => {
    await input?.close();
    throw error;
  });
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of input ? chunksOf(input, signal) : [source as Uint8Array]) {
      hash.update(chunk);
      size += chunk.length;
      await output.writeFile(chunk);
    }
    await output.chmod(0o444);
    await output.sync();
  } finally {
    await output.close();
    await input?.close();
  }
  return { sha256: hash.digest('hex'), size };
}

/**
 * Gives a complete file its final name. A file that is there with the right
 * bytes is left alone; one whose bytes have changed (a dying disk) is replaced.
 */
async function moveIntoPlace(
  partial: string,
  path: string,
  { sha256, size }: { sha256: Sha256; size: Bytes },
): Promise<StoredFile> {
  if ((await digestOf(path)) === sha256) return { sha256, size, path, existed: true };
  const folder = dirname(path);
  const made = await mkdir(folder, { recursive: true });
  await rename(partial, path);
  // The name is safe only when its folder is synced, and so is a new folder's own name.
  await syncFolder(folder);
  if (made !== undefined) await syncFolder(dirname(folder));
  return { sha256, size, path, existed: false };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Opens a file the user named, without waiting for the other end of a pipe. */
async function openRegular(file: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  const handle = await open(file, flags).catch((error: unknown) => {
    throw commonErrors.fileMissing({ file, what: basename(file) }, error);
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw workspaceErrors.notRegularFile({ file });
}

/** Reads a file chunk by chunk. Each chunk is overwritten by the next. */
async function* chunksOf(
  handle: FileHandle,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(chunkSize);
  for (;;) {
    if (signal?.aborted) throw commonErrors.cancelled({ what: 'reading a file' });
    const { bytesRead } = await handle.read(buffer, 0, chunkSize, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Digest of a file of the store; undefined when it is not there. */
async function digestOf(path: string, signal?: AbortSignal): Promise<Sha256 | undefined> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const hash = createHash('sha256');
    for await (const chunk of chunksOf(handle, signal)) hash.update(chunk);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
