import { patchErrors } from '../errors/patch.js';
import { addressText, type SignedAddress } from '../kernel/address.js';
import { placeText } from '../kernel/names.js';
import type { PatchKernel } from './kernel.js';
import type { IndexIntoSiteTable, PatchFamily, SiteTable } from './types.js';

/** A family and its table in one kernel. */
export interface FamilyTable {
  family: PatchFamily;
  sites: SiteTable;
}

/** Rows of tables that stay as they were compiled. */
export type LeftOut = ReadonlyMap<FamilyTable, ReadonlySet<IndexIntoSiteTable>>;

/**
 * Sites that are left to the kernel, by words: a key, a call or a member of `pv_ops` as `describe`
 * names it, a function, a place (`schedule+0x10`) or an address. The kernel must find with them
 * whatever it applies to the same bytes, and all sites of a key or call, whose value it begins with.
 * @param tables in the order in which the kernel applies them
 * @throws patch-except-unknown for a word that names no site
 */
export function leftOut(
  kernel: PatchKernel,
  tables: readonly FamilyTable[],
  words: ReadonlySet<string>,
): LeftOut {
  const rows = new Map(tables.map((table) => [table, new Set<IndexIntoSiteTable>()]));
  if (words.size === 0) return rows;
  const unknown = new Set(words);
  for (const [{ family, sites }, left] of rows) {
    for (let i = 0; i < sites.length; i++) {
      for (const name of namesOf(kernel, family, sites, i)) {
        if (!words.has(name)) continue;
        left.add(i);
        unknown.delete(name);
      }
    }
  }
  const [word] = unknown;
  if (word !== undefined) throw patchErrors.exceptUnknown({ word, file: kernel.label });
  while (spread(kernel, rows) > 0);
  return rows;
}

function namesOf(
  kernel: PatchKernel,
  family: PatchFamily,
  sites: SiteTable,
  i: IndexIntoSiteTable,
): string[] {
  const address = sites.address[i]!;
  const place = placeText(kernel.names, address);
  const name = place.replace(/\+0x[0-9a-f]+$/, '');
  return [family.describe(kernel, sites, i), name, place, addressText(address)];
}

/** Adds what must stay with rows that do. @returns how many rows were added */
function spread(kernel: PatchKernel, rows: Map<FamilyTable, Set<IndexIntoSiteTable>>): number {
  const taken = new Set<SignedAddress>();
  let added = 0;
  for (const [{ family, sites }, left] of rows) {
    const before = left.size;
    for (const i of left) for (const at of bytesOf(sites, i)) taken.add(at);
    const subjects = family.finalData
      ? new Set([...left].map((i) => family.describe(kernel, sites, i)))
      : undefined;
    for (let i = 0; i < sites.length; i++) {
      const stays =
        bytesOf(sites, i).some((at) => taken.has(at)) ||
        (subjects !== undefined &&
          subjects.size > 0 &&
          subjects.has(family.describe(kernel, sites, i)));
      if (stays) left.add(i);
    }
    added += left.size - before;
  }
  return added;
}

/** Every byte of a site. */
export function bytesOf({ address, size }: SiteTable, i: IndexIntoSiteTable): SignedAddress[] {
  return Array.from({ length: size[i]! }, (_, at) => address[i]! + at);
}

/**
 * What rows are called: by their subject where all of it is left, else by the place of each.
 * Each name once.
 */
export function namesOfRows(
  kernel: PatchKernel,
  { family, sites }: FamilyTable,
  rows: ReadonlySet<IndexIntoSiteTable>,
): string[] {
  if (rows.size === 0) return [];
  const resolved = new Set<string>();
  for (let i = 0; i < sites.length; i++) {
    if (!rows.has(i)) resolved.add(family.describe(kernel, sites, i));
  }
  const names = [...rows]
    .sort((a, b) => a - b)
    .map((i) => {
      const subject = family.describe(kernel, sites, i);
      return resolved.has(subject) ? placeText(kernel.names, sites.address[i]!) : subject;
    });
  return [...new Set(names)];
}
