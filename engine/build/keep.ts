import { join } from 'node:path';
import type { ImageRecord } from '../../db/records.js';
import type { Milliseconds, Sha256 } from '../units.js';
import type { Workspace } from '../workspace/types.js';
import { writeRecord } from './cache.js';
import { sha256 } from './digest.js';
import { fixedEnvironment } from './environment.js';
import type { AskedOption, Fragment } from './kconfig.js';
import { makeLinkMap } from './link-map.js';
import { canRelink, keepRelinkable } from './relink.js';
import { reproduceCommands } from './reproduce.js';
import type { KernelSource } from './source.js';
import type { Toolchain } from './toolchain.js';
import type { BuildRecord, FlavourName } from './types.js';

/** A build that make has just finished, in its folder of the workspace. */
export interface FinishedBuild {
  flavour: FlavourName;
  key: Sha256;
  folder: string;
  /** The build folder that make wrote, inside `folder`. */
  output: string;
  version: string;
  /** The source tree, as make was told of it. */
  sourceTree: string;
  source: KernelSource;
  fragments: readonly Fragment[];
  asked: ReadonlyMap<string, AskedOption>;
  toolchain: Toolchain;
  steps: number;
  wall: Milliseconds;
}

/**
 * Puts a build's files into the store, keeps the part of the build folder that
 * is needed for relinking, and writes the record, which makes it a cached build.
 */
export async function keepBuild(
  { store }: Pick<Workspace, 'store'>,
  build: FinishedBuild,
  signal: AbortSignal | undefined,
): Promise<BuildRecord> {
  const { flavour, key, folder, output, version, source, fragments, asked, toolchain } = build;
  const put = async (file: string): Promise<{ sha256: Sha256; size: number }> => {
    const stored = await store.put({ file: join(output, file) }, { signal });
    return { sha256: stored.sha256, size: stored.size };
  };
  const artifacts: BuildRecord['artifacts'] = {
    bzImage: await put('arch/x86/boot/bzImage'),
    vmlinux: await put('vmlinux'),
    config: await put('.config'),
    systemMap: await put('System.map'),
  };
  const linkMap = await makeLinkMap(
    { tree: build.sourceTree, output, vmlinux: artifacts.vmlinux.sha256 },
    signal,
  );
  if (linkMap !== undefined) artifacts.linkMap = await put(linkMap);

  const tree = join(folder, 'tree');
  await keepRelinkable(output, tree);
  const record: BuildRecord = {
    schema: 1,
    flavour,
    key,
    source: {
      origin: source.origin,
      version,
      revision: source.revision,
      digest: source.digest,
      digestMethod: source.digestMethod,
    },
    configuration: {
      digest: artifacts.config.sha256,
      fragments: fragments.map(({ name, text }) => ({ name, digest: sha256(text) })),
    },
    toolchain,
    environment: { ...fixedEnvironment },
    reproduce: reproduceCommands({
      source,
      version,
      asked,
      config: artifacts.config.sha256,
      bzImage: artifacts.bzImage.sha256,
    }),
    artifacts,
    relinkable: await canRelink(tree, signal),
    steps: build.steps,
    wall: build.wall,
    builtAt: new Date().toISOString(),
  };
  await writeRecord(folder, record);
  return record;
}

/**
 * Records a build's image in the database; one that is there keeps its name.
 * `native-6.1.192`, or with the start of the key when another image is called so.
 */
export async function registerBuild(
  { database: { images } }: Pick<Workspace, 'database'>,
  record: BuildRecord,
): Promise<ImageRecord> {
  const { bzImage } = record.artifacts;
  const known = await images.bySha256(bzImage.sha256);
  // By the time, since a build that was made again may have kept more than the one before.
  if (known?.build?.builtAt === record.builtAt) return known;

  const { version } = record.source;
  const plain = `${record.flavour}-${version}`;
  const taken = (await images.list()).some(
    ({ name, sha256: digest }) => name === plain && digest !== bzImage.sha256,
  );
  return images.save(
    {
      sha256: bzImage.sha256,
      kind: 'built',
      name: taken ? `${plain}-${record.key.slice(0, 8)}` : plain,
      flavour: record.flavour,
      kernelVersion: version,
      size: bzImage.size,
      build: record,
      parts: [],
      patch: null,
      origin: null,
    },
    { ifNameTaken: 'number' },
  );
}
