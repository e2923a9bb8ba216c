import { commonErrors } from '../errors/common.js';
import { patchErrors } from '../errors/patch.js';
import { addressText, type SignedAddress } from '../kernel/address.js';
import type { JobOptions } from '../progress.js';
import type { Bytes } from '../units.js';
import { families } from './families/index.js';
import type { PatchKernel } from './kernel.js';
import { rewrite, type RewrittenKernel } from './patched-text.js';
import { isAppliedByCall } from './settle/boot-calls.js';
import { settleTable } from './settle/tables.js';
import type {
  FamilyName,
  FinalData,
  IndexIntoSiteTable,
  PatchFamily,
  ResolvedFamily,
  SiteTable,
  Target,
} from './types.js';

export interface ResolveRequest {
  /** Which families; all that the kernel has when absent. */
  families?: readonly FamilyName[] | undefined;
  /** Static keys and calls, by name, that are left to the kernel. */
  except?: ReadonlySet<string> | undefined;
  /** Leave tables and data alone: for looking at the text, not for booting it. */
  keepTables?: boolean | undefined;
}

export interface ResolvedKernel {
  rewritten: RewrittenKernel;
  families: ResolvedFamily[];
}

/**
 * Does to a copy of a kernel what the kernel would do to itself on a target, and leaves it nothing to
 * do again. A step at a time, for progress and cancellation.
 * @throws patch-family-order, patch-table-malformed, patch-shape-unknown, patch-*
 */
export function resolveKernel(
  kernel: PatchKernel,
  target: Target,
  request: ResolveRequest,
  { signal, onProgress }: JobOptions = {},
): ResolvedKernel {
  const tables = readTables(kernel);
  const chosen = tables.filter(({ family }) => request.families?.includes(family.name) ?? true);
  checkOrder(tables, chosen);
  const rewritten = rewrite(kernel);
  const resolved = chosen.map((table, done): ResolvedFamily => {
    if (signal?.aborted) throw commonErrors.cancelled({ what: 'patching' });
    const step = { detail: table.family.name, done, total: chosen.length };
    onProgress?.({ kind: 'step', job: 'patch', ...step });
    return resolveFamily(kernel, target, table, rewritten, request);
  });
  return { rewritten, families: resolved };
}

interface FamilyTable {
  family: PatchFamily;
  sites: SiteTable;
}

/** The tables that a kernel has, in the order in which it applies them. */
export function readTables(kernel: PatchKernel): FamilyTable[] {
  return families.flatMap((family) => {
    const sites = family.read(kernel);
    return sites && sites.length > 0 ? [{ family, sites }] : [];
  });
}

function resolveFamily(
  kernel: PatchKernel,
  target: Target,
  { family, sites }: FamilyTable,
  rewritten: RewrittenKernel,
  { except = new Set(), keepTables = false }: ResolveRequest,
): ResolvedFamily {
  const nothing = { family: family.name, sites: sites.length, changed: 0, changedBytes: 0 };
  if (!keepTables && family.checkedAtBoot !== undefined) {
    return { ...nothing, settled: null, initial: [], left: [], leftBecause: family.checkedAtBoot };
  }
  const stays = (name: string): void => void left.add(name);
  const left = new Set(except);
  if (!keepTables) family.early?.(kernel, target, sites).forEach(stays);
  const data = family.finalData?.(kernel, target, sites, { except: left }) ?? [];
  // A variable in .bss has no bytes in the file, and so cannot begin with another value.
  if (!keepTables) namesOf(data.filter(({ inFile }) => !inFile)).forEach(stays);
  const before = rewritten.writes.length;
  family.resolve(target, sites, rewritten, { except: left });
  const own = rewritten.writes.slice(before);
  const initial = data.filter(({ subject }) => !left.has(subject));
  const leftRows = rowsOf(kernel, family, sites, left);
  const result = {
    ...nothing,
    leftBecause: null,
    changed: new Set(own.map(({ index }) => index)).size,
    changedBytes: own.reduce((sum, { before: old, after }) => sum + differing(old, after), 0),
    initial: keepTables ? [] : namesOf(initial),
    left: [...new Set(leftRows.map((i) => family.describe(kernel, sites, i)))],
  };
  if (keepTables) return { ...result, settled: null };
  for (const { address, bytes } of initial) {
    rewritten.put(address, bytes, { family: family.name, index: -1 });
  }
  const entries = leftRows.map((i) => sites.entry[i]!);
  return { ...result, settled: settleTable(kernel, family.name, rewritten, entries) ?? null };
}

function namesOf(data: readonly FinalData[]): string[] {
  return [...new Set(data.map(({ subject }) => subject))];
}

function differing(a: Uint8Array, b: Uint8Array): Bytes {
  return a.reduce((sum, byte, i) => sum + (byte === b[i] ? 0 : 1), 0);
}

/** Rows whose subject is one of these. */
function rowsOf(
  kernel: PatchKernel,
  family: PatchFamily,
  sites: SiteTable,
  subjects: ReadonlySet<string>,
): IndexIntoSiteTable[] {
  if (subjects.size === 0) return [];
  const rows = Array.from({ length: sites.length }, (_, i) => i);
  return rows.filter((i) => subjects.has(family.describe(kernel, sites, i)));
}

/**
 * A family that is applied at boot after one that was resolved here finds what it would have found.
 * The other way round it would be rewritten by the earlier one, which comes last now.
 * @throws patch-family-order
 */
function checkOrder(tables: readonly FamilyTable[], chosen: readonly FamilyTable[]): void {
  const earlier: FamilyTable[] = [];
  for (const table of tables.filter(({ family }) => isAppliedByCall(family.name))) {
    if (!chosen.includes(table)) earlier.push(table);
    else for (const other of earlier) checkApart(table, other);
  }
}

function checkApart(later: FamilyTable, earlier: FamilyTable): void {
  const taken = new Set<SignedAddress>();
  const { sites } = earlier;
  for (let i = 0; i < sites.length; i++) {
    for (let at = 0; at < sites.size[i]!; at++) taken.add(sites.address[i]! + at);
  }
  for (let i = 0; i < later.sites.length; i++) {
    const address = later.sites.address[i]!;
    for (let at = 0; at < later.sites.size[i]!; at++) {
      if (!taken.has(address + at)) continue;
      throw patchErrors.familyOrder({
        ...{ family: later.family.name, needs: earlier.family.name },
        address: addressText(address),
      });
    }
  }
}
