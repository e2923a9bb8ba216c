import type { z } from 'zod';
import type { mergeDocument } from '../contract.js';
import { grouped, tidy } from '../report/figures.js';
import type { Bytes } from '../units.js';
import type { Colours } from './colours.js';
import { carrierText } from './description.js';
import { byteCount, table } from './text.js';

/** What `kbl merge` says of its work. */

type Merged = z.infer<typeof mergeDocument>;

export function mergeText(merged: Merged, colours: Colours): string {
  const { image, file, multiImage, stubBecause } = merged;
  const names = multiImage.flavours.map(({ name }) => name).join(' + ');
  const head = `merged ${names} as ${tidy(image.name)}, ${byteCount(image.size)}`;
  return [
    colours.bold(head),
    ...(file === null ? [] : [`written to ${tidy(file)}`]),
    `starts with ${carrierText(multiImage.carrier)}`,
    ...(stubBecause === null
      ? []
      : [`  the kernel's own decompressor was not taken: ${tidy(stubBecause)}`]),
    '',
    flavourTable(merged),
    '',
    sizeTable(merged),
    '',
    stageTable(merged),
    ...merged.recipes
      .filter(({ namesStored }) => namesStored !== null)
      .map(({ flavour, namesStored }) =>
        tidy(`${flavour}: symbol names are stored, not rebuilt: ${namesStored}`),
      ),
  ].join('\n');
}

function flavourTable({ multiImage, images, codec, sizes }: Merged): string {
  const rows = multiImage.flavours.map((flavour, i) => {
    const { name, stored, recipeSize, unpackedSize } = flavour;
    const added = stored === 'base' ? sizes.payload : recipeSize;
    return [
      name,
      stored === 'base' ? `base, ${codec}` : stored,
      grouped(added),
      share(added, images[i]!.size),
      grouped(unpackedSize),
      whenChosen(multiImage, name),
    ];
  });
  const head = ['FLAVOUR', 'STORED AS', 'BYTES', 'OF ITS IMAGE', 'UNPACKED', 'BOOTS'];
  return table([head, ...rows], [2, 3, 4]);
}

function whenChosen(
  { base, default: fallback, rules }: Merged['multiImage'],
  name: string,
): string {
  const when = [
    ...(name === base ? ['as PV guest of Xen'] : []),
    ...rules.filter(({ flavour }) => flavour === name).map((rule) => `under ${rule.signature}`),
    ...(name === fallback ? ['by default'] : []),
  ];
  return [...when, `kbl.flavour=${name}`].join(', ');
}

function sizeTable({ image, multiImage, sizes, images }: Merged): string {
  const sum = images.reduce((total, { size }) => total + size, 0);
  const base = images.find(({ flavour }) => flavour === multiImage.base)!;
  const line = (what: string, size: Bytes, note = ''): string[] => [what, grouped(size), note];
  return table(
    [
      line(`${multiImage.base}'s payload`, sizes.payload),
      line(images.length === 2 ? 'recipe' : 'recipes', sizes.recipes),
      line('code, headers, directory', sizes.rest),
      line('the file', image.size),
      line('the images on their own', sum, `the file is ${share(image.size, sum)} of them`),
      line(`${base.name} alone`, base.size, `the file is ${share(image.size, base.size)} of it`),
    ],
    [1],
  );
}

/** Where the recipes' bytes went, a column each. */
function stageTable({ recipes }: Merged): string {
  const names = [...new Set(recipes.flatMap(({ stages }) => stages.map(({ name }) => name)))];
  const rows = names.map((name) => [
    name,
    ...recipes.map(({ stages }) => grouped(stages.find((stage) => stage.name === name)?.size ?? 0)),
  ]);
  const head = ['RECIPE BYTES FOR', ...recipes.map(({ flavour }) => flavour)];
  return table(
    [head, ...rows],
    recipes.map((_, i) => i + 1),
  );
}

/** `7.9%`. */
function share(part: Bytes, whole: Bytes): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}
