import {
  extractVmlinux,
  readBzImage,
  readDirectory,
  type Directory,
  type FlavourDescription,
  type ImageDescription,
  type KernelDescription,
  type MultiImageDescription,
} from '../bzimage/index.js';
import { describeKernel } from '../bzimage/kernel.js';
import { elfEnd, memorySource, readElf } from '../elf/index.js';
import { commonErrors } from '../errors/common.js';
import { LabError } from '../errors/lab-error.js';
import type { JobOptions } from '../progress.js';
import { summarise, type RecipeSummary } from '../recipe/index.js';
import type { Bytes } from '../units.js';
import { rebuildFlavour } from './extract.js';

/** What is known of a flavour only when it has been rebuilt. */
export interface RebuiltDescription {
  /** It was rebuilt and has the checksum that the directory says. */
  intact: boolean;
  /** Why not, or why `kernel` is null. */
  problem: string | null;
  kernel: KernelDescription | null;
  /** What it shares with the base; null for the base itself. */
  shared: RecipeSummary | null;
}

/** An image's description with every flavour rebuilt. */
export interface RebuiltImageDescription extends ImageDescription {
  multiImage: RebuiltMultiImage | null;
}

interface RebuiltMultiImage extends MultiImageDescription {
  flavours: (FlavourDescription & RebuiltDescription)[];
}

/**
 * Rebuilds every flavour of a multi-image, and adds what is found to its description.
 * @throws cancelled
 */
export async function describeFlavours(
  bytes: Uint8Array,
  description: ImageDescription,
  options: JobOptions & { limit?: Bytes | undefined } = {},
): Promise<RebuiltImageDescription> {
  const { multiImage } = description;
  if (!multiImage) return { ...description, multiImage: null };
  const image = readBzImage(bytes);
  const directory = readDirectory(image)!;
  // Why the base cannot be unpacked is in the description already.
  const base = await extractVmlinux(image, options).catch((error: unknown) => problemOf(error));
  const flavours: (FlavourDescription & RebuiltDescription)[] = [];
  for (const [index, flavour] of multiImage.flavours.entries()) {
    await new Promise(setImmediate);
    if (options.signal?.aborted) throw commonErrors.cancelled({ what: 'rebuilding flavours' });
    const rebuilt =
      typeof base === 'string'
        ? failed(base)
        : describeRebuilt(directory, index, base.bytes, options.limit);
    flavours.push({ ...flavour, ...rebuilt });
  }
  return { ...description, multiImage: { ...multiImage, flavours } };
}

function describeRebuilt(
  directory: Directory,
  index: number,
  base: Uint8Array,
  limit: Bytes | undefined,
): RebuiltDescription {
  try {
    const bytes = rebuildFlavour(directory, index, base, limit);
    const { recipe } = directory.flavours[index]!;
    const shared = index === directory.base ? null : summarise(recipe, base, bytes);
    return { intact: true, ...describeBytes(bytes), shared };
  } catch (error) {
    return failed(problemOf(error));
  }
}

function describeBytes(bytes: Uint8Array): Pick<RebuiltDescription, 'kernel' | 'problem'> {
  try {
    const elf = readElf(memorySource(bytes));
    const end = Math.min(elfEnd(elf), bytes.length);
    return { kernel: describeKernel({ codec: 'none', bytes, elf, elfEnd: end }), problem: null };
  } catch (error) {
    return { kernel: null, problem: problemOf(error) };
  }
}

function failed(problem: string): RebuiltDescription {
  return { intact: false, problem, kernel: null, shared: null };
}

/** What a hostile file does is a finding; anything else is thrown on. */
function problemOf(error: unknown): string {
  if (!(error instanceof LabError) || error.kind === 'interrupted') throw error;
  return error.message;
}
