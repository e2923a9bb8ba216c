import {
  checksumText,
  defaultPayloadLimit,
  extractVmlinux,
  readBzImage,
  readDirectory,
  type Directory,
} from '../bzimage/index.js';
import { fletcher64 } from '../bzimage/fletcher64.js';
import { mergeErrors } from '../errors/merge.js';
import type { JobOptions } from '../progress.js';
import { rebuild } from '../recipe/index.js';
import type { Bytes } from '../units.js';

/** A kernel that was taken out of an image. */
export interface ExtractedFlavour {
  /** Null for an image with only one kernel. */
  flavour: string | null;
  stored: 'base' | 'recipe' | 'whole';
  /** The payload as the flavour's own bzImage unpacks to: the ELF, its relocations behind it. */
  bytes: Uint8Array;
}

/**
 * Takes a kernel out of a bzImage: of a multi-image the flavour of that name,
 * rebuilt and checked; of any other the only one, when no name is given.
 * @throws merge-not-multi, merge-flavour-unnamed, merge-no-flavour, merge-directory-malformed,
 *   merge-part-damaged, recipe-malformed, bzimage-*, payload-*, elf-*, cancelled
 */
export async function extractFlavour(
  bytes: Uint8Array,
  name: string | undefined,
  options: JobOptions & { limit?: Bytes | undefined } = {},
): Promise<ExtractedFlavour> {
  const image = readBzImage(bytes);
  const directory = readDirectory(image);
  if (!directory) {
    if (name !== undefined) throw mergeErrors.notMulti({ why: 'no directory follows the payload' });
    const { bytes: whole } = await extractVmlinux(image, options);
    return { flavour: null, stored: 'whole', bytes: whole };
  }
  const flavours = directory.flavours.map((flavour) => flavour.name);
  if (name === undefined) throw mergeErrors.flavourUnnamed({ flavours });
  const index = flavours.indexOf(name);
  if (index < 0) throw mergeErrors.noFlavour({ name, flavours });
  const base = await extractVmlinux(image, options);
  return {
    flavour: name,
    stored: index === directory.base ? 'base' : 'recipe',
    bytes: rebuildFlavour(directory, index, base.bytes, options.limit),
  };
}

/**
 * A flavour's unpacked payload, with the checksum that the directory says.
 * @param base  the unpacked payload of the image
 * @param limit refuse to make more than this
 * @throws merge-directory-malformed, merge-part-damaged, recipe-malformed
 */
export function rebuildFlavour(
  { flavours, base: baseIndex }: Directory,
  index: number,
  base: Uint8Array,
  limit: Bytes = defaultPayloadLimit,
): Uint8Array {
  const { name, recipe, imageSize, checksum } = flavours[index]!;
  if (imageSize > limit) {
    throw mergeErrors.directory({ why: `${name} unpacks to ${imageSize} bytes, over ${limit}` });
  }
  const bytes = index === baseIndex ? base : rebuild(recipe, base, imageSize);
  const actual = fletcher64(bytes);
  if (actual === checksum) return bytes;
  throw mergeErrors.partDamaged({
    flavour: name,
    expected: checksumText(checksum),
    actual: checksumText(actual),
  });
}
