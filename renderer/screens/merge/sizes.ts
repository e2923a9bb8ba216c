import type { Description, Image } from '../../../engine/contract/app/images.js';
import type { Merged } from '../../../engine/contract/app/merge.js';
import { documentedBaselines, type Baseline } from './baselines.js';

/** What a multi-image is made of, in bytes. */
export interface Sizes {
  name: string;
  file: number;
  carrier: 'decompressor' | 'stub';
  /** Why not the kernel's own decompressor; null where it is, or where it is not known any more. */
  stubBecause: string | null;
  codec: string;
  payload: number;
  recipes: number;
  /** Code, headers, directory. */
  rest: number;
  base: string;
  fallback: string;
  rules: readonly { signature: string; flavour: string }[];
  flavours: readonly FlavourSize[];
  /** Where the recipes' bytes went; empty for an image that was merged before. */
  stages: readonly { flavour: string; name: string; size: number }[];
  baselines: readonly Baseline[];
}

export interface FlavourSize {
  name: string;
  stored: 'base' | 'recipe';
  /** What it takes in the file: the base's payload, or its recipe. */
  size: number;
  /** Of its own image; null when that is not in the library. */
  alone: number | null;
  unpacked: number;
}

export function sizesOfMerged(merged: Merged): Sizes {
  const { image, multiImage, sizes, images, recipes, stubBecause, codec } = merged;
  return withBaselines({
    ...sizes,
    ...{ name: image.name, file: image.size, stubBecause, codec },
    ...{ carrier: multiImage.carrier, base: multiImage.base, fallback: multiImage.default },
    rules: multiImage.rules,
    flavours: multiImage.flavours.map((flavour, i) => ({
      name: flavour.name,
      stored: flavour.stored,
      size: flavour.stored === 'base' ? sizes.payload : flavour.recipeSize,
      alone: images[i]?.size ?? null,
      unpacked: flavour.unpackedSize,
    })),
    stages: recipes.flatMap(({ flavour, stages }) =>
      stages.map(({ name, size }) => ({ flavour, name, size })),
    ),
  });
}

/** The same of an image that was merged before: its directory does not tell the stages. */
export function sizesOfInspection(
  image: Image,
  { multiImage, payload }: Description,
  library: readonly Image[],
): Sizes | undefined {
  if (!multiImage || !payload) return undefined;
  const recipes = multiImage.flavours.reduce((sum, { recipeSize }) => sum + recipeSize, 0);
  return withBaselines({
    ...{ name: image.name, file: image.size, stubBecause: null, codec: payload.codec },
    ...{ carrier: multiImage.carrier, base: multiImage.base, fallback: multiImage.default },
    ...{ payload: payload.size, recipes, rest: image.size - payload.size - recipes },
    rules: multiImage.rules,
    flavours: multiImage.flavours.map((flavour) => ({
      name: flavour.name,
      stored: flavour.stored,
      size: flavour.stored === 'base' ? payload.size : flavour.recipeSize,
      alone: library.find(({ sha256 }) => sha256 === flavour.original)?.size ?? null,
      unpacked: flavour.unpackedSize,
    })),
    stages: [],
  });
}

function withBaselines(sizes: Omit<Sizes, 'baselines'>): Sizes {
  return { ...sizes, baselines: documentedBaselines(sizes) };
}

/** A line of the size table: bytes, and their share of the file or what they are compared with. */
export interface SizeLine {
  what: string;
  size: number;
  note: string;
  kind: 'part' | 'sum' | 'other';
}

export function sizeLines(sizes: Sizes): SizeLine[] {
  const { flavours, payload, recipes, rest, file, base, codec, baselines } = sizes;
  const of = (size: number): string => `${percent(size, file)} of the file`;
  const alone = flavours.every((flavour) => flavour.alone !== null)
    ? flavours.reduce((sum, flavour) => sum + (flavour.alone ?? 0), 0)
    : null;
  const baseAlone = flavours.find(({ name }) => name === base)?.alone ?? null;
  const line = (kind: SizeLine['kind'], what: string, size: number, note: string): SizeLine => ({
    ...{ kind, what, size, note },
  });
  return [
    line('part', `${base}: payload, ${codec}`, payload, of(payload)),
    ...flavours
      .filter(({ stored }) => stored === 'recipe')
      .map(({ name, size, alone: own }) =>
        line(
          'part',
          `${name}: recipe`,
          size,
          own ? `${percent(size, own)} of its image` : of(size),
        ),
      ),
    line('part', 'code, headers, directory', rest, of(rest)),
    line('sum', 'the file', payload + recipes + rest, ''),
    ...(alone === null
      ? []
      : [line('other', 'the images on their own', alone, `the file is ${percent(file, alone)}`)]),
    ...(baseAlone === null
      ? []
      : [line('other', `${base} alone`, baseAlone, `the file is ${percent(file, baseAlone)}`)]),
    ...baselines.map(({ what, size }) =>
      line('other', what, size, `the recipe is ${percent(recipes, size)} (docs/multi-image.md)`),
    ),
  ];
}

/** `7.9 %`. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}
