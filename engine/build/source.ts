import { access, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { buildErrors, commonErrors } from '../errors/index.js';
import type { JobOptions } from '../progress.js';
import type { Sha256 } from '../units.js';
import type { Workspace } from '../workspace/types.js';
import { requirePlainPath } from './environment.js';
import { findSourcePackage } from './source-package.js';
import { identifyTree } from './tree-digest.js';
import type { SourceDigestMethod } from './types.js';

/** A kernel source whose state is known, before its files are needed. */
export interface KernelSource {
  /** Package name, or the folder's path. */
  origin: string;
  /** Version of the Debian package, or of git. */
  revision?: string | undefined;
  digest: Sha256;
  digestMethod: SourceDigestMethod;
  /** The tarball's own digest, for sources that come from one. */
  tarball?: { file: string; sha256: Sha256 } | undefined;
  /** The tree's folder, absolute; unpacks the tarball when that was not done yet. */
  tree(options?: JobOptions): Promise<string>;
}

type SourceWorkspace = Pick<Workspace, 'folders' | 'withLock'>;

/**
 * Finds a kernel source.
 * @param source a folder; or the version of an installed source package (`6.1`); the newest
 *   installed package when absent
 * @throws build-source-missing, build-path-unusable, build-not-a-kernel-tree,
 *   build-tree-not-clean, cancelled
 */
export async function findSource(
  workspace: SourceWorkspace,
  source: string | undefined,
  options: JobOptions = {},
): Promise<KernelSource> {
  try {
    return source === undefined || /^\d+\.\d+$/.test(source)
      ? await findSourcePackage(workspace, source, options)
      : await openTree(source, options.signal);
  } catch (error) {
    if (options.signal?.aborted && (error as Error).name === 'AbortError')
      throw commonErrors.cancelled({ what: 'reading the kernel source' }, error);
    throw error;
  }
}

async function openTree(folder: string, signal: AbortSignal | undefined): Promise<KernelSource> {
  const tree = await realpath(folder).catch((error: unknown) => {
    throw commonErrors.fileMissing({ file: folder, what: 'the kernel source tree' }, error);
  });
  await requirePlainPath(tree, 'the source tree');
  await kernelVersion(tree);
  for (const part of ['Kconfig', 'arch/x86/Makefile', 'arch/x86/Kconfig'])
    if (!(await exists(join(tree, part))))
      throw buildErrors.notAKernelTree({ folder: tree, missing: `it has no ${part}` });
  // The three things for which the kernel's own Makefile refuses O= (rule outputmakefile).
  for (const trace of ['.config', 'include/config', 'arch/x86/include/generated'])
    if (await exists(join(tree, trace))) throw buildErrors.treeNotClean({ folder: tree, trace });

  const { digest, method, revision } = await identifyTree(tree, signal);
  return {
    origin: tree,
    revision,
    digest,
    digestMethod: method,
    tree: () => Promise.resolve(tree),
  };
}

/**
 * `6.1.192`, `6.12.0-rc3`: what `make kernelversion` would say, read from the Makefile.
 * @throws build-not-a-kernel-tree
 */
export async function kernelVersion(tree: string): Promise<string> {
  const text = await readFile(join(tree, 'Makefile'), 'utf8').catch(() => '');
  const part = (name: string): string =>
    new RegExp(`^${name} *=[ \\t]*(\\S*)`, 'm').exec(text)?.[1] ?? '';
  const numbers = [part('VERSION'), part('PATCHLEVEL'), part('SUBLEVEL')];
  if (!numbers.slice(0, 2).every((number) => /^\d+$/.test(number)))
    throw buildErrors.notAKernelTree({
      folder: tree,
      missing: 'its Makefile names no VERSION and PATCHLEVEL',
    });
  return numbers.filter((number) => number !== '').join('.') + part('EXTRAVERSION');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
