import { LabError } from '../../errors/lab-error.js';
import { patchErrors } from '../../errors/patch.js';
import type { SignedAddress } from '../../kernel/address.js';
import type { JobOptions } from '../../progress.js';
import type { Bytes } from '../../units.js';
import { families } from '../families/index.js';
import { staysInText } from '../families/site-rows.js';
import type { PatchKernel } from '../kernel.js';
import { resolveKernel } from '../resolve.js';
import {
  familyNames,
  type FamilyName,
  type IndexIntoSiteTable,
  type PatchFamily,
  type PatchedText,
  type SiteTable,
  type Target,
} from '../types.js';

/** What there is of one family in a kernel. */
export interface FamilyTotal {
  family: FamilyName;
  /** Entries of the table. */
  entries: number;
  /** Places in the code, several entries of one place counted once. */
  sites: number;
  /** Bytes of code that the kernel may rewrite. */
  bytes: Bytes;
  /** Entries whose code stays. */
  inText: number;
  /** Entries in code that the kernel frees after boot. */
  inInitText: number;
}

/** A family and its table in one kernel. */
export interface ListedFamily {
  family: PatchFamily;
  sites: SiteTable;
}

export type IndexIntoSiteList = number;

/** The patch sites of some families of a kernel, by address. */
export interface SiteList {
  kernel: PatchKernel;
  target: Target | null;
  /** The code as it is after boot on the target. */
  after: PatchedText | null;
  families: ListedFamily[];
  length: number;
  /** Index into `families`. */
  family: Uint8Array;
  index: Uint32Array;
  totals: FamilyTotal[];
  /** Families that the kernel has and that cannot be listed, and why. */
  notes: string[];
}

export interface SiteListRequest {
  kernel: PatchKernel;
  /** All when absent. */
  families?: readonly FamilyName[] | undefined;
  /** What the kernel was seen to find: then what becomes of sites is told too. */
  target?: Target | undefined;
}

/** @throws patch-table-malformed, patch-shape-unknown, patch-outside, patch-memory-missing */
export function listSites(
  { kernel, families: wanted, target }: SiteListRequest,
  options: JobOptions = {},
): SiteList {
  const { tables, notes } = readable(kernel);
  const shown = tables.filter(({ family }) => wanted?.includes(family.name) ?? true);
  const count = shown.reduce((sum, { sites }) => sum + sites.length, 0);
  const rows: [address: SignedAddress, family: number, index: IndexIntoSiteTable][] = [];
  shown.forEach(({ sites }, family) => {
    for (let i = 0; i < sites.length; i++) rows.push([sites.address[i]!, family, i]);
  });
  rows.sort(([a, f, i], [b, g, j]) => a - b || f - g || i - j);
  const known = tables.map(({ family }) => family.name);
  return {
    kernel,
    target: target ?? null,
    // Families rewrite each other's bytes, so that all are resolved whichever are shown.
    after: target
      ? resolveKernel(kernel, target, { families: known, keepTables: true }, options).rewritten
      : null,
    families: shown,
    length: count,
    family: Uint8Array.from(rows, ([, family]) => family),
    index: Uint32Array.from(rows, ([, , index]) => index),
    totals: shown.map((table) => totalOf(kernel, table)),
    notes,
  };
}

/** Tables in the order in which lists show families; one that cannot be found is a note. */
function readable(kernel: PatchKernel): { tables: ListedFamily[]; notes: string[] } {
  const tables: ListedFamily[] = [];
  const notes: string[] = [];
  const order = ({ name }: PatchFamily): number => familyNames.indexOf(name);
  for (const family of [...families].sort((a, b) => order(a) - order(b))) {
    try {
      const sites = family.read(kernel);
      if (sites && sites.length > 0) tables.push({ family, sites });
    } catch (error) {
      const isUnknown = error instanceof LabError && error.code === patchErrors.tableUnknown.code;
      if (!isUnknown) throw error;
      notes.push(`${family.name} is not listed: ${error.message}`);
    }
  }
  return { tables, notes };
}

function totalOf(kernel: PatchKernel, { family, sites }: ListedFamily): FamilyTotal {
  const total = { family: family.name, entries: sites.length };
  const order = Uint32Array.from({ length: sites.length }, (_, i) => i).sort(
    (a, b) => sites.address[a]! - sites.address[b]!,
  );
  let [places, bytes, inText] = [0, 0, 0];
  let [last, end] = [NaN, -Infinity];
  for (const i of order) {
    const address = sites.address[i]!;
    if (staysInText(kernel, address)) inText++;
    if (address !== last) places++;
    last = address;
    bytes += Math.max(0, address + sites.size[i]! - Math.max(address, end));
    end = Math.max(end, address + sites.size[i]!);
  }
  return { ...total, sites: places, bytes, inText, inInitText: sites.length - inText };
}
