import { mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { LockHolder } from '../../db/records.js';
import type { JobOptions } from '../progress.js';
import type { Sha256 } from '../units.js';
import { waitText } from '../workspace/lock.js';
import type { Workspace } from '../workspace/types.js';
import {
  buildFolder,
  buildKey,
  findBuilt,
  lastRecordOf,
  readShortcut,
  shortcutOf,
  writeShortcut,
} from './cache.js';
import { compile } from './compile.js';
import { configure } from './configure.js';
import { sha256 } from './digest.js';
import { requirePlainPath } from './environment.js';
import { findFlavour, readFragments } from './flavours.js';
import { keepBuild, registerBuild } from './keep.js';
import { mergeFragments, type AskedOption, type Fragment } from './kconfig.js';
import { findSource, kernelVersion, type KernelSource } from './source.js';
import { probeToolchain, type Toolchain } from './toolchain.js';
import type { BuildRecord, BuildRequest, BuildResult, FlavourName } from './types.js';

/** What a build needs of a workspace. */
export type BuildWorkspace = Pick<
  Workspace,
  'folders' | 'store' | 'database' | 'log' | 'withLock' | 'temporaryFolder'
>;

/** Everything that is known of a build before anything is made. */
interface Inputs {
  flavour: FlavourName;
  fragments: Fragment[];
  asked: Map<string, AskedOption>;
  source: KernelSource;
  toolchain: Toolchain;
  jobs: number;
  expectedSteps: number | undefined;
  /** Job of the progress events. */
  job: string;
}

/**
 * Builds one flavour of a kernel, or finds the build that was made of the same
 * source with the same configuration and tools, and records its image.
 *
 * Two processes never build the same thing: the second waits for the first and
 * then finds its build.
 * @throws build-*, file-missing, workspace-*, cancelled
 */
export async function buildFlavour(
  workspace: BuildWorkspace,
  request: BuildRequest,
  options: JobOptions = {},
): Promise<BuildResult> {
  const { onProgress, signal } = options;
  const flavour =
    typeof request.flavour === 'string' ? await findFlavour(request.flavour) : request.flavour;
  const last = await lastRecordOf(workspace, flavour.name);
  const job = `build:${flavour.name}`;
  onProgress?.({ kind: 'start', job, title: `build ${flavour.name}`, expected: last?.wall });
  try {
    onProgress?.({ kind: 'step', job, detail: 'looking at the source and the tools' });
    const [fragments, source, toolchain] = await Promise.all([
      readFragments(flavour),
      findSource(workspace, request.source, options),
      probeToolchain(),
    ]);
    const { asked, warnings } = mergeFragments(fragments);
    for (const text of warnings) onProgress?.({ kind: 'line', job, text: `warning: ${text}` });

    const { record, cached } = await findOrBuild(
      workspace,
      {
        flavour: flavour.name,
        fragments,
        asked,
        source,
        toolchain,
        jobs: request.jobs ?? availableParallelism(),
        expectedSteps: last?.steps ?? flavour.steps,
        job,
      },
      options,
    );
    const image = await registerBuild(workspace, record);
    workspace.log.info(cached ? 'build found' : 'build done', {
      image: image.name,
      key: record.key,
    });
    onProgress?.({ kind: 'end', job, result: cached ? 'cached' : 'done', detail: image.name });
    return { image, record, cached, folder: buildFolder(workspace, record.key), warnings };
  } catch (error) {
    workspace.log.error('build failed', { flavour: flavour.name, error: String(error) });
    onProgress?.({ kind: 'end', job, result: signal?.aborted ? 'cancelled' : 'failed' });
    throw error;
  }
}

interface Found {
  record: BuildRecord;
  cached: boolean;
}

async function findOrBuild(
  workspace: BuildWorkspace,
  inputs: Inputs,
  options: JobOptions,
): Promise<Found> {
  const { flavour, asked, source, toolchain, job } = inputs;
  const { onProgress, signal } = options;
  const shortcut = shortcutOf({ source: source.digest, asked, toolchain });
  const key = await readShortcut(workspace, shortcut);
  const built = key === undefined ? undefined : await findBuilt(workspace, key);
  if (built !== undefined) return { record: built, cached: true };

  await requirePlainPath(workspace.folders.home, 'the workspace');
  const tree = await source.tree(options);
  const version = await kernelVersion(tree);
  onProgress?.({ kind: 'step', job, detail: 'make tinyconfig, olddefconfig' });
  const configured = await workspace.temporaryFolder(`configure-${flavour}`);
  try {
    const config = await configure({ flavour, version, tree, output: configured, asked, signal });
    const final = buildKey({ source: source.digest, configuration: sha256(config), toolchain });
    await writeShortcut(workspace, shortcut, final);
    return await lockAndBuild(
      workspace,
      inputs,
      { tree, version, configured, key: final },
      options,
    );
  } finally {
    await rm(configured, { recursive: true, force: true });
  }
}

async function lockAndBuild(
  workspace: BuildWorkspace,
  inputs: Inputs,
  at: { tree: string; version: string; configured: string; key: Sha256 },
  options: JobOptions,
): Promise<Found> {
  const { flavour, jobs, expectedSteps, job } = inputs;
  const { onProgress, signal } = options;
  const lock = {
    what: `building ${flavour}`,
    signal,
    onWait: (holder: LockHolder) => onProgress?.({ kind: 'step', job, detail: waitText(holder) }),
  };
  return workspace.withLock(`build:${at.key}`, lock, async () => {
    const built = await findBuilt(workspace, at.key);
    if (built !== undefined) return { record: built, cached: true };

    // Without a record whatever is there is the rest of a build that never ended.
    const folder = buildFolder(workspace, at.key);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const output = join(folder, 'out');
    await rename(at.configured, output);
    try {
      const logFile = join(folder, 'build.log');
      const made = await compile(
        { flavour, tree: at.tree, output, jobs, expectedSteps, job, logFile },
        options,
      );
      onProgress?.({ kind: 'step', job, detail: 'storing the image' });
      const { key, version, tree: sourceTree } = at;
      const finished = { ...inputs, ...made, key, version, sourceTree, folder, output };
      return { record: await keepBuild(workspace, finished, signal), cached: false };
    } catch (error) {
      // A build that failed is left to look at; a cancelled one is of no use.
      if (signal?.aborted) await rm(output, { recursive: true, force: true });
      throw error;
    }
  });
}
