import type { ImageRecord } from '../../db/records.js';
import { isFlavourName } from '../bzimage/index.js';

/** Leaves room for a number. */
const longest = 12;

/**
 * Names for the flavours of a multi-image: the ones asked for, else those of
 * the images' flavours, else made of the images' names; none of these twice.
 * @param asked taken as they are, good or not
 */
export function flavourNames(
  images: readonly Pick<ImageRecord, 'name' | 'flavour'>[],
  asked: readonly (string | undefined)[] = [],
): string[] {
  const taken = new Set(asked.filter((name) => name !== undefined));
  return images.map(({ name, flavour }, i) => {
    if (asked[i] !== undefined) return asked[i];
    const plain = flavour !== null && isFlavourName(flavour) ? flavour : madeOf(flavour ?? name);
    let free = plain;
    for (let n = 2; taken.has(free); n++) free = `${plain.slice(0, longest)}-${n}`;
    taken.add(free);
    return free;
  });
}

/** A name that can be typed and printed, of one that need not be. */
function madeOf(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  if (isFlavourName(plain)) return plain;
  return plain.slice(0, longest) || 'kernel';
}
