import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildErrors } from '../errors/index.js';
import type { LockHolder } from '../../db/records.js';
import type { JobOptions } from '../progress.js';
import { writeWhole } from '../replace-file.js';
import type { Sha256 } from '../units.js';
import { waitText } from '../workspace/lock.js';
import type { Workspace } from '../workspace/types.js';
import { sha256, sha256OfFile } from './digest.js';
import { buildEnvironment } from './environment.js';
import { runTool } from './process.js';
import type { KernelSource } from './source.js';

/** Debian's kernel source packages: one tarball each under /usr/src. */

const tarballFolder = '/usr/src';
const tarballName = /^linux-source-(\d+\.\d+)\.tar\.(?:xz|gz|bz2|zst)$/;

/** What the job is called, also to those who wait for it. */
const unpacking = 'unpacking the kernel source';

type SourceWorkspace = Pick<Workspace, 'folders' | 'withLock'>;

/**
 * The installed source package of a version, or the newest one.
 * @param folder where tarballs are; the system's by default
 * @throws build-source-missing
 */
export async function findSourcePackage(
  workspace: SourceWorkspace,
  version: string | undefined,
  options: JobOptions,
  folder = tarballFolder,
): Promise<KernelSource> {
  const names = await readdir(folder).catch((): string[] => []);
  const found = names
    .map((name) => ({ name, version: tarballName.exec(name)?.[1] }))
    .filter((one): one is { name: string; version: string } => one.version !== undefined)
    .sort((a, b) => compareVersions(b.version, a.version));
  const chosen = version === undefined ? found[0] : found.find((one) => one.version === version);
  if (chosen === undefined)
    throw buildErrors.sourceMissing({ version, found: found.map((one) => one.version) });

  const file = join(folder, chosen.name);
  const [digest, revision] = await Promise.all([
    rememberedDigest(workspace, file, options.signal),
    packageVersion(file),
  ]);
  return {
    origin: `linux-source-${chosen.version}`,
    revision,
    digest: sha256(`${digest} ${revision ?? ''}`),
    digestMethod: 'tarball',
    tarball: { file, sha256: digest },
    tree: (job) => unpackOnce(workspace, file, digest, job ?? {}),
  };
}

function compareVersions(a: string, b: string): number {
  const [major = 0, minor = 0] = a.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = b.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}

/** Version of the package that a file belongs to; undefined where there is no dpkg. */
async function packageVersion(file: string): Promise<string | undefined> {
  const run = promisify(execFile);
  try {
    const owner = (await run('dpkg-query', ['-S', file])).stdout.split(':', 1)[0]!;
    return (await run('dpkg-query', ['-W', '-f', '${Version}', owner])).stdout;
  } catch {
    return undefined;
  }
}

/**
 * Digest of a tarball, read again only when the file has changed since: reading
 * it takes longer than all the rest of a build that is cached.
 */
async function rememberedDigest(
  { folders }: SourceWorkspace,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Sha256> {
  const { size, mtimeMs, ctimeMs, ino, dev } = await stat(file);
  const state = [file, dev, ino, size, mtimeMs, ctimeMs].join(' ');
  const note = join(folders.sources, `${sha256(state).slice(0, 16)}.digest`);
  const noted = await readFile(note, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(noted)) return noted;

  const digest = await sha256OfFile(file, signal);
  await mkdir(folders.sources, { recursive: true });
  await writeWhole(note, digest);
  return digest;
}

/**
 * Unpacks a tarball into the workspace unless it is there, and returns the
 * folder of its tree. It appears under its name only when it is complete.
 * @throws build-unpack-failed, cancelled
 */
async function unpackOnce(
  { folders, withLock }: SourceWorkspace,
  file: string,
  digest: Sha256,
  { onProgress, signal }: JobOptions,
): Promise<string> {
  const name = digest.slice(0, 16);
  const target = join(folders.sources, name);
  const ready = await onlyFolderIn(target);
  if (ready !== undefined) return ready;

  const job = `source:${name}`;
  const onWait = (holder: LockHolder): void =>
    onProgress?.({ kind: 'step', job, detail: waitText(holder) });
  onProgress?.({ kind: 'start', job, title: `unpack ${file}` });
  let result: 'done' | 'failed' | 'cancelled' = 'failed';
  try {
    const tree = await withLock(
      job,
      { what: unpacking, signal, onWait },
      async () => (await onlyFolderIn(target)) ?? (await unpack(file, target, signal)),
    );
    result = 'done';
    return tree;
  } catch (error) {
    if (signal?.aborted) result = 'cancelled';
    throw error;
  } finally {
    onProgress?.({ kind: 'end', job, result });
  }
}

async function unpack(
  file: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const partial = `${target}.partial`;
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    let lastLine = '';
    const run = (program: string, argv: string[]): Promise<number> =>
      runTool({
        ...{ what: unpacking, program, argv, environment: buildEnvironment(), signal },
        onLine: (line) => (lastLine = line),
      });
    // xz works in parallel on the many blocks of Debian's tarballs when asked to.
    const decompressor = file.endsWith('.xz') ? ['--use-compress-program=xz -T0'] : [];
    const status = await run('tar', [...decompressor, '-C', partial, '-xf', file]);
    if (status !== 0 || (await onlyFolderIn(partial)) === undefined)
      throw buildErrors.unpackFailed({ file, detail: lastLine || `tar exited with ${status}` });
    // After a power failure the name must not stand for files that never reached the disk.
    await run('sync', ['-f', partial]);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return (await onlyFolderIn(target))!;
}

/** The one folder at the top of an unpacked tarball. */
async function onlyFolderIn(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const [only] = entries;
  return entries.length === 1 && only!.isDirectory() ? join(folder, only!.name) : undefined;
}
