import type { Bytes } from '../units.js';
import type { Copy } from './copies.js';
import type { FileRange } from './image.js';

const page: Bytes = 4096;

/**
 * The copies that do not come from far before the place where they go: others
 * save a recipe a few hundred bytes, and one of them costs megabytes of memory.
 * A copy that would overwrite its own end before reading it is cut.
 */
export function copiesWithinReach(copies: readonly Copy[], flavourSize: Bytes): Copy[] {
  const reach = Math.ceil((flavourSize * 3) / 8);
  const least = 64;
  return copies.flatMap((copy) => {
    const room = reach - (copy.to - copy.from);
    if (copy.size <= room) return [copy];
    return room < least ? [] : cut(copy, room);
  });
}

function cut({ to, from, size }: Copy, most: Bytes): Copy[] {
  const pieces = Math.ceil(size / most);
  return Array.from({ length: pieces }, (_, i) => {
    const at = i * most;
    return { to: to + at, from: from + at, size: Math.min(most, size - at) };
  });
}

/**
 * How far behind the flavour's first byte the base may begin at boot, to be
 * overwritten by the flavour while it is read, so that there need not be memory
 * for both. The first stage copies in the flavour's order, and must not write
 * where a copy has yet to read; tables of the base that later stages read must
 * lie behind the flavour's end.
 * @param copies in the flavour's order
 * @param tables of the base, read after copying; those of no size do not count
 */
export function baseDistance(
  flavourSize: Bytes,
  copies: readonly Copy[],
  tables: readonly FileRange[],
): Bytes {
  let distance = 0;
  for (const { from, to, size } of copies) distance = Math.max(distance, to + size - from);
  for (const { offset, size } of tables) {
    if (size > 0) distance = Math.max(distance, flavourSize - offset);
  }
  // At most right behind the flavour.
  return Math.min(Math.ceil(distance / page) * page, flavourSize);
}
