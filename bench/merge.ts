/**
 * What a multi-image of native and xen costs, beside what else could be done
 * with the two: `npm run bench:merge -- [--workspace FOLDER] [--json]`. Builds
 * the two where the workspace does not have them. Every column of the table is
 * made in this run; takes some minutes.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFlavour } from '../engine/build/build-flavour.js';
import { extractVmlinux, payloadBytes, readBzImage } from '../engine/bzimage/index.js';
import { mergeKernels } from '../engine/merge/index.js';
import type { Workspace } from '../engine/workspace/types.js';
import { openWorkspace } from '../engine/workspace/workspace.js';
import { measureBaselines } from './merge/baselines.js';
import { prepareBoots, type Boots } from './merge/boots.js';
import { codecs, withCodec, type Codec, type Kernel } from './merge/codecs.js';
import { tableOf, type CodecFigures, type Figures } from './merge/table.js';
import { toolVersions } from './merge/versions.js';

const { values: asked } = parseArgs({
  options: { workspace: { type: 'string' }, json: { type: 'boolean', default: false } },
});

/** The two, as the lab builds them. */
interface Pair {
  native: Kernel;
  xen: Kernel;
  /** Their unpacked payloads. */
  unpacked: { native: Uint8Array; xen: Uint8Array };
}

const say = (text: string): void => console.error(text);

async function build(workspace: Workspace, flavour: string): Promise<Kernel> {
  say(`building ${flavour}, or finding it`);
  const { image, folder } = await buildFlavour(workspace, { flavour });
  const bzImage = await readFile(await workspace.store.verified(image.sha256));
  return { name: flavour, tree: join(folder, 'tree'), bzImage };
}

const unpack = async ({ bzImage }: Kernel): Promise<Uint8Array> =>
  (await extractVmlinux(readBzImage(bzImage))).bytes;

async function measureCodec(
  workspace: Workspace,
  { native: nativeBuilt, xen: xenBuilt, unpacked }: Pair,
  codec: Codec,
  boots: Boots,
  memoryGuess: number,
): Promise<CodecFigures> {
  const folder = await workspace.temporaryFolder('bench');
  const inFolder = (name: string): string => join(folder, name);
  say(`${codec}: the kernels`);
  const native = await withCodec(nativeBuilt, codec, unpacked.native, inFolder('native'));
  const xen = await withCodec(xenBuilt, codec, unpacked.xen, inFolder('xen'));
  say(`${codec}: merging`);
  const begin = performance.now();
  const { bytes, recipes, stubBecause } = await mergeKernels(
    workspace,
    [native, xen].map(({ name, tree, bzImage }) => ({ name, tree, bytes: bzImage })),
  );
  const mergeSeconds = (performance.now() - begin) / 1000;
  if (stubBecause !== null) throw new Error(`the boot stub was taken: ${stubBecause}`);
  const { recipe } = recipes[0]!;
  const [plainFile, mergedFile] = [inFolder('plain.bzImage'), inFolder('merged.bzImage')];
  await writeFile(plainFile, native.bzImage);
  await writeFile(mergedFile, bytes);
  say(`${codec}: booting`);
  const instructions = {
    native: await boots.instructions(plainFile),
    merged: await boots.instructions(mergedFile),
  };
  const plainMemory = await boots.memory(plainFile, memoryGuess);
  const mergedMemory = await boots.memory(mergedFile, plainMemory);
  return {
    codec,
    native: native.bzImage.length,
    xen: xen.bzImage.length,
    twoPayloads: native.bzImage.length + payloadBytes(readBzImage(xen.bzImage)).length,
    merged: bytes.length,
    recipe: recipe.bytes.length,
    stages: recipe.stages,
    mergeSeconds,
    instructions,
    memory: { native: plainMemory, merged: mergedMemory },
  };
}

const workspace = await openWorkspace(asked.workspace);
try {
  const native = await build(workspace, 'native');
  const xen = await build(workspace, 'xen');
  const unpacked = { native: await unpack(native), xen: await unpack(xen) };
  const boots = await prepareBoots(workspace);
  const byCodec: CodecFigures[] = [];
  for (const codec of codecs) {
    const guess = byCodec[0]?.memory.native ?? 48;
    byCodec.push(await measureCodec(workspace, { native, xen, unpacked }, codec, boots, guess));
  }
  say('what others make of the two');
  const folder = await workspace.temporaryFolder('bench');
  const figures: Figures = {
    unpacked: { native: unpacked.native.length, xen: unpacked.xen.length },
    codecs: byCodec,
    baselines: await measureBaselines(unpacked.xen, unpacked.native, folder),
    versions: toolVersions(boots.emulator),
  };
  console.log(asked.json ? JSON.stringify(figures, null, 2) : tableOf(figures));
} finally {
  await workspace.close();
}
