import { commonErrors } from '../errors/common.js';
import { patchErrors } from '../errors/patch.js';
import { addressText, type SignedAddress } from '../kernel/address.js';
import type { JobOptions } from '../progress.js';
import type { Bytes } from '../units.js';
import { families } from './families/index.js';
import type { PatchKernel } from './kernel.js';
import { bytesOf, leftOut, namesOfRows, type FamilyTable } from './left-out.js';
import { rewrite, type RewrittenKernel } from './patched-text.js';
import { isAppliedByCall } from './settle/boot-calls.js';
import { settleTable } from './settle/tables.js';
import type {
  FamilyName,
  FinalData,
  IndexIntoSiteTable,
  PatchedText,
  ResolvedFamily,
  Target,
} from './types.js';

export interface ResolveRequest {
  /** Which families; all that the kernel has when absent. */
  families?: readonly FamilyName[] | undefined;
  /** Sites that are left to the kernel, by the words of left-out.ts. */
  except?: ReadonlySet<string> | undefined;
  /** Leave tables and data alone: for looking at the text, not for booting it. */
  keepTables?: boolean | undefined;
}

export interface ResolvedKernel {
  rewritten: RewrittenKernel;
  families: ResolvedFamily[];
  /** Whether a byte of code lies in a site that was not resolved, as it was asked for. */
  readonly isLeft: (address: SignedAddress) => boolean;
}

/**
 * Does to a copy of a kernel what the kernel would do to itself on a target, and leaves it nothing to
 * do again. A step at a time, for progress and cancellation.
 * @throws patch-family-order, patch-except-unknown, patch-table-malformed, patch-shape-unknown, patch-*
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
  const left = leftOut(kernel, tables, request.except ?? new Set());
  const rewritten = rewrite(kernel);
  const resolved = chosen.map((table, done): ResolvedFamily => {
    if (signal?.aborted) throw commonErrors.cancelled({ what: 'patching' });
    const step = { detail: table.family.name, done, total: chosen.length };
    onProgress?.({ kind: 'step', job: 'patch', ...step });
    return resolveFamily(kernel, target, table, rewritten, {
      ...{ keepTables: request.keepTables, left: left.get(table)! },
    });
  });
  const bytes = new Set<SignedAddress>();
  for (const table of tables) {
    for (const i of chosen.includes(table) ? left.get(table)! : table.sites.address.keys()) {
      for (const at of bytesOf(table.sites, i)) bytes.add(at);
    }
  }
  return { rewritten, families: resolved, isLeft: (address) => bytes.has(address) };
}

/** The tables that a kernel has, in the order in which it applies them. */
export function readTables(kernel: PatchKernel): FamilyTable[] {
  return families.flatMap((family) => {
    const sites = family.read(kernel);
    return sites && sites.length > 0 ? [{ family, sites }] : [];
  });
}

interface FamilyRequest extends Pick<ResolveRequest, 'keepTables'> {
  /** Rows that stay, as it was asked for. */
  left: ReadonlySet<IndexIntoSiteTable>;
}

function resolveFamily(
  kernel: PatchKernel,
  target: Target,
  table: FamilyTable,
  rewritten: RewrittenKernel,
  { left: asked, keepTables = false }: FamilyRequest,
): ResolvedFamily {
  const { family, sites } = table;
  const nothing = { family: family.name, sites: sites.length, changed: 0, changedBytes: 0 };
  if (!keepTables && family.checkedAtBoot !== undefined) {
    return { ...nothing, settled: null, initial: [], left: [], leftBecause: family.checkedAtBoot };
  }
  const left = new Set(asked);
  if (!keepTables) leave(left, kernel, table, family.early?.(kernel, target, sites) ?? []);
  const data = finalData(kernel, target, table, left);
  // A variable in .bss has no bytes in the file, and so cannot begin with another value.
  const initial = data.filter(({ inFile }) => keepTables || inFile);
  if (!keepTables) leave(left, kernel, table, namesOf(data.filter(({ inFile }) => !inFile)));
  const before = rewritten.writes.length;
  resolveSites(target, table, rewritten, left);
  const own = rewritten.writes.slice(before);
  const result = {
    ...nothing,
    leftBecause: null,
    changed: new Set(own.map(({ index }) => index)).size,
    changedBytes: own.reduce((sum, { before: old, after }) => sum + differing(old, after), 0),
    initial: keepTables ? [] : namesOf(initial),
    left: namesOfRows(kernel, table, left),
  };
  if (keepTables) return { ...result, settled: null };
  for (const { address, bytes } of initial) {
    rewritten.put(address, bytes, { family: family.name, index: -1 });
  }
  return { ...result, settled: settleTable(kernel, table, rewritten, left) ?? null };
}

/** Rewrites a table's sites, but those that stay. @throws patch-* */
export function resolveSites(
  target: Target,
  { family, sites }: FamilyTable,
  text: PatchedText,
  left: ReadonlySet<IndexIntoSiteTable> = new Set(),
): void {
  const resolve = family.resolver(target, sites, text);
  if (!resolve) return;
  for (let i = 0; i < sites.length; i++) if (!left.has(i)) resolve(i);
}

/** What variables must begin with. One with a site that stays is not among them: all of its sites do (leftOut). */
export function finalData(
  kernel: PatchKernel,
  target: Target,
  { family, sites }: FamilyTable,
  left: ReadonlySet<IndexIntoSiteTable> = new Set(),
): FinalData[] {
  const stay = new Set([...left].map((i) => family.describe(kernel, sites, i)));
  return (family.finalData?.(kernel, target, sites) ?? []).filter(
    ({ subject }) => !stay.has(subject),
  );
}

function namesOf(data: readonly FinalData[]): string[] {
  return [...new Set(data.map(({ subject }) => subject))];
}

function differing(a: Uint8Array, b: Uint8Array): Bytes {
  return a.reduce((sum, byte, i) => sum + (byte === b[i] ? 0 : 1), 0);
}

/** Adds the rows whose subject is one of these. */
function leave(
  left: Set<IndexIntoSiteTable>,
  kernel: PatchKernel,
  { family, sites }: FamilyTable,
  subjects: readonly string[],
): void {
  if (subjects.length === 0) return;
  const wanted = new Set(subjects);
  for (let i = 0; i < sites.length; i++) {
    if (wanted.has(family.describe(kernel, sites, i))) left.add(i);
  }
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
  for (const i of earlier.sites.address.keys()) {
    for (const at of bytesOf(earlier.sites, i)) taken.add(at);
  }
  for (const i of later.sites.address.keys()) {
    const shared = bytesOf(later.sites, i).find((at) => taken.has(at));
    if (shared === undefined) continue;
    throw patchErrors.familyOrder({
      ...{ family: later.family.name, needs: earlier.family.name },
      address: addressText(later.sites.address[i]!),
    });
  }
}
