import { lastNotAbove, type SignedAddress } from '../../kernel/address.js';
import type { FamilyName, IndexIntoSiteTable, SiteTable } from '../types.js';

/** A family's table of one kernel. */
export interface FamilySites {
  family: FamilyName;
  sites: SiteTable;
}

/** A row of a family's table. Two answers for one row are the same object. */
export interface Site {
  family: FamilyName;
  index: IndexIntoSiteTable;
}

/**
 * Finds the site that a byte belongs to. Sites lie in one another: the call of a paravirt site is
 * also an alternative's, an alternative holds a lock prefix. The narrowest one that covers the byte
 * is meant, and of equal ones that of the family that comes later, which wrote last.
 */
export function siteIndex(
  families: readonly FamilySites[],
): (address: SignedAddress) => Site | undefined {
  const rows = families
    .flatMap(({ family, sites }, order) =>
      Array.from({ length: sites.length }, (_, index) => ({
        ...{ family, index, order },
        start: sites.address[index]!,
        size: sites.size[index]!,
      })),
    )
    .sort((a, b) => a.start - b.start);
  const starts = Float64Array.from(rows, ({ start }) => start);
  /** Furthest end of a row and of all before it: beyond it, none of them covers anything. */
  const ends = new Float64Array(rows.length);
  rows.forEach(({ start, size }, i) => {
    ends[i] = Math.max(start + size, i > 0 ? ends[i - 1]! : -Infinity);
  });
  return (address) => {
    let best: (typeof rows)[number] | undefined;
    for (let i = lastNotAbove(starts, starts.length, address); i >= 0; i--) {
      if (address >= ends[i]!) break;
      const row = rows[i]!;
      if (address >= row.start + row.size) continue;
      const closer =
        !best || row.size < best.size || (row.size === best.size && row.order > best.order);
      if (closer) best = row;
    }
    return best;
  };
}
