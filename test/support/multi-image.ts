import {
  alignParagraph,
  encodeDirectory,
  readBzImage,
  sealImage,
  type Carrier,
  type Directory,
} from '../../engine/bzimage/index.js';
import { fletcher64 } from '../../engine/bzimage/fletcher64.js';
import { writeRecipe } from '../../engine/recipe/index.js';
import { buildBzImage, gzipPayload } from './bzimage-builder.js';

export interface BuildMultiImage {
  /** Unpacked payloads by flavour; the last is the base, the first the default. */
  kernels: Record<string, Uint8Array>;
  carrier?: Carrier;
  /** Made when the directory is: what is to be wrong in it. */
  change?: (directory: Directory) => void;
}

/** A multi-image that has everything but the code that starts it. */
export function multiImage({ kernels, carrier = 'decompressor', change }: BuildMultiImage): Buffer {
  const unpacked = Object.values(kernels);
  const base = unpacked.at(-1)!;
  const flavours = Object.entries(kernels).map(([name, bytes]) => {
    const recipe = bytes === base ? null : writeRecipe(base, bytes);
    return {
      ...{
        name,
        imageSize: bytes.length,
        tailSize: 0,
        memorySize: 4096,
        checksum: fletcher64(bytes),
      },
      ...{ loadAddress: 0x1000000n, initSize: 8192, original: 'ab'.repeat(32) },
      distance: recipe ? bytes.length : 0,
      workSize: recipe?.workSize ?? 0,
      recipe: recipe?.bytes ?? new Uint8Array(0),
    };
  });
  const last = flavours.length - 1;
  const rules = [{ signature: 'XenVMMXenVMM', flavour: last }];
  const directory = { carrier, flavours, base: last, fallback: 0, rules };
  change?.(directory);
  return withBehindPayload(gzipPayload(base), encodeDirectory(directory), carrier);
}

/** A bzImage with something where a directory would be. */
export function withBehindPayload(
  payload: Uint8Array,
  behind: Uint8Array,
  carrier: Carrier = 'decompressor',
): Buffer {
  const image = readBzImage(buildBzImage({ payload, efi: carrier === 'decompressor' }));
  const end = image.payload!.offset + image.payload!.size;
  const padding = new Uint8Array(alignParagraph(end) - end);
  return Buffer.from(sealImage([image.bytes.subarray(0, end), padding, behind], image.setupSize));
}
