import type { Bytes } from '../units.js';
import type { KernelComparison } from './compare.js';
import { rowSizes } from './rows.js';
import {
  noReason,
  reasons,
  verdicts,
  type ComparisonTable,
  type Reason,
  type Verdict,
} from './types.js';

/** How many rows, and how large they are in each kernel. */
export interface Total {
  count: number;
  bytesA: Bytes;
  bytesB: Bytes;
}

export type VerdictTotals = Record<Verdict, Total>;

export interface SectionTotals {
  section: string;
  verdicts: VerdictTotals;
}

export interface SourceTotals {
  /** A folder of the source tree or the base name of a file; null where it cannot be told. */
  source: string | null;
  verdicts: VerdictTotals;
}

export interface Totals {
  functions: VerdictTotals;
  objects: VerdictTotals;
  /** Main reasons of the functions that differ. */
  reasons: Record<Reason, Total>;
  /** Objects by section; .bss has sizes but no contents. */
  objectSections: SectionTotals[];
  /** Functions by where they come from, largest difference first. */
  sources: { kind: 'folder' | 'file'; rows: SourceTotals[] };
}

export function totalsOf(comparison: KernelComparison): Totals {
  const { functions, objects } = comparison;
  const byReason = Object.fromEntries(
    reasons.map((reason) => [reason, zero()]),
  ) as Totals['reasons'];
  for (let i = 0; i < functions.length; i++) {
    const reason = functions.reason[i]!;
    if (reason !== noReason) add(byReason[reasons[reason]!], rowSizes(comparison, functions, i));
  }
  return {
    functions: verdictTotals(comparison, functions),
    objects: verdictTotals(comparison, objects),
    reasons: byReason,
    objectSections: sectionTotals(comparison),
    sources: sourceTotals(comparison),
  };
}

function zero(): Total {
  return { count: 0, bytesA: 0, bytesB: 0 };
}

function noVerdicts(): VerdictTotals {
  return Object.fromEntries(verdicts.map((verdict) => [verdict, zero()])) as VerdictTotals;
}

function add(total: Total, { a, b }: { a: Bytes; b: Bytes }): void {
  total.count++;
  total.bytesA += a;
  total.bytesB += b;
}

function verdictTotals(comparison: KernelComparison, table: ComparisonTable): VerdictTotals {
  const totals = noVerdicts();
  for (let i = 0; i < table.length; i++) {
    add(totals[verdicts[table.verdict[i]!]!], rowSizes(comparison, table, i));
  }
  return totals;
}

function sectionTotals(comparison: KernelComparison): SectionTotals[] {
  const { a, b, objects } = comparison;
  return grouped(comparison, objects, (i) => {
    const [side, row] = objects.a[i]! >= 0 ? [a, objects.a[i]!] : [b, objects.b[i]!];
    return side.image.sections[side.places.table.section[row]!]!.name;
  }).map(([section, totals]) => ({ section, verdicts: totals }));
}

function sourceTotals(comparison: KernelComparison): Totals['sources'] {
  const { functions } = comparison;
  const rows = grouped(comparison, functions, (i) => functionSource(comparison, i))
    .map(([source, totals]) => ({ source, verdicts: totals }))
    .sort(
      (one, two) =>
        changed(two.verdicts) - changed(one.verdicts) || compareNames(one.source, two.source),
    );
  return { kind: comparison.sources.a.kind, rows };
}

/** Where a function comes from; null where it cannot be told. */
export function functionSource(
  { sources, functions }: KernelComparison,
  index: number,
): string | null {
  const [side, row] =
    functions.a[index]! >= 0 ? [sources.a, functions.a[index]!] : [sources.b, functions.b[index]!];
  return side.names[side.ofRow[row]!] ?? null;
}

function grouped<Key>(
  comparison: KernelComparison,
  table: ComparisonTable,
  keyOf: (index: number) => Key,
): [Key, VerdictTotals][] {
  const groups = new Map<Key, VerdictTotals>();
  for (let i = 0; i < table.length; i++) {
    const key = keyOf(i);
    let totals = groups.get(key);
    if (!totals) groups.set(key, (totals = noVerdicts()));
    add(totals[verdicts[table.verdict[i]!]!], rowSizes(comparison, table, i));
  }
  return [...groups];
}

/** Bytes of both kernels that the other does not have. */
function changed(totals: VerdictTotals): Bytes {
  const { differs } = totals;
  return differs.bytesA + differs.bytesB + totals['only-a'].bytesA + totals['only-b'].bytesB;
}

function compareNames(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
