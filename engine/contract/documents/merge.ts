import { z } from 'zod';
import { flavour, image, multiImage } from './images.js';
import { bytes, document, nullableText, sha256 } from './words.js';

export const mergeDocument = document(
  'merge',
  {
    image,
    file: nullableText,
    multiImage: multiImage.extend({ flavours: z.array(flavour) }),
    stubBecause: nullableText.describe("why not the kernel's own decompressor"),
    codec: z.string().describe("of the base's payload"),
    sizes: z
      .strictObject({ payload: bytes, recipes: bytes, rest: bytes })
      .describe('what the file is made of; the rest is code, headers and the directory'),
    images: z
      .array(z.strictObject({ flavour: z.string(), name: z.string(), size: bytes }))
      .describe('what was merged'),
    recipes: z.array(
      z.strictObject({
        flavour: z.string(),
        stages: z
          .array(z.strictObject({ name: z.string(), size: bytes }))
          .describe('where its bytes went; they add up to the recipe'),
        namesStored: nullableText.describe('why symbol names are stored as they are'),
      }),
    ),
  },
  2,
);

export const extractDocument = document('extract', {
  image: z.strictObject({ file: z.string(), name: nullableText }),
  flavour: nullableText.describe('null for an image with one kernel'),
  stored: z.enum(['base', 'recipe', 'whole']).describe('how the image holds it'),
  file: z.string().describe('where it was written'),
  size: bytes,
  sha256,
});
