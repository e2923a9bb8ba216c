import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDirectory, type Directory, type Flavour } from '../../engine/bzimage/directory.js';
import { extractVmlinux, payloadBytes, readBzImage } from '../../engine/bzimage/index.js';
import { fletcher64 } from '../../engine/bzimage/fletcher64.js';
import { PT_LOAD } from '../../engine/elf/index.js';
import { linkDecompressor } from '../../engine/merge/decompressor.js';
import { writeRecipe } from '../../engine/recipe/write.js';
import type { TestKernel } from './kernels.js';

/** What a multi-image is linked of. */
export interface DecompressorParts {
  tree: string;
  payload: Uint8Array;
  directory: Directory;
}

/** Links parts into a bzImage, in a folder that is removed. */
export async function decompressorImage(parts: DecompressorParts): Promise<Uint8Array> {
  const scratch = mkdtempSync(join(tmpdir(), 'kbl-decompressor-'));
  const directory = encodeDirectory(parts.directory);
  try {
    return await linkDecompressor({ ...parts, directory, scratch });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * The parts of a multi-image of kernels by name: the last is the base, the
 * first the default, whose build folder the decompressor comes from.
 */
export async function decompressorParts(
  kernels: Record<string, TestKernel>,
): Promise<DecompressorParts> {
  const names = Object.keys(kernels);
  const all = Object.values(kernels);
  const read = await Promise.all(names.map((name) => readFlavour(name, kernels[name]!)));
  const base = read.at(-1)!;
  const flavours = read.map(({ flavour, bytes }) => {
    if (bytes === base.bytes) return flavour;
    const { bytes: recipe, workSize, distance } = writeRecipe(base.bytes, bytes);
    return { ...flavour, recipe, workSize, distance };
  });
  return {
    tree: all[0]!.tree,
    payload: payloadBytes(readBzImage(readFileSync(all.at(-1)!.bzImage))),
    directory: { carrier: 'decompressor', flavours, base: read.length - 1, fallback: 0, rules: [] },
  };
}

async function readFlavour(
  name: string,
  kernel: TestKernel,
): Promise<{ flavour: Flavour; bytes: Uint8Array }> {
  const file = readFileSync(kernel.bzImage);
  const image = readBzImage(file);
  const { bytes, elf, elfEnd } = await extractVmlinux(image);
  const loaded = elf.segments.filter(({ type }) => type === PT_LOAD);
  const loadAddress = loaded[0]!.physicalAddress;
  const ends = loaded.map((s) => Number(s.physicalAddress - loadAddress) + s.memorySize);
  const flavour = {
    name,
    imageSize: bytes.length,
    tailSize: bytes.length - elfEnd,
    workSize: 0,
    distance: 0,
    memorySize: Math.max(...ends),
    loadAddress,
    checksum: fletcher64(bytes),
    original: createHash('sha256').update(file).digest('hex'),
    initSize: image.fields.init_size!,
    recipe: new Uint8Array(0),
  };
  return { flavour, bytes };
}
