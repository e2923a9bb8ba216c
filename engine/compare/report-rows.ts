import type { Bytes } from '../units.js';
import { addressText } from '../kernel/address.js';
import type { KernelComparison } from './compare.js';
import { placeSummary } from './rows.js';
import type { Side } from './side.js';
import type { Sources } from './sources.js';
import { noReason, reasons, verdicts, type Reason, type Verdict } from './types.js';

/** A row of a comparison as reports show it. */
export interface ReportRow {
  kind: 'function' | 'object';
  /** A's name, or B's where only B has it. */
  name: string;
  /** B's, where it is another. */
  nameB: string | null;
  section: string;
  /** Folder or base name of the source; null where it cannot be told. */
  source: string | null;
  verdict: Verdict;
  reason: Reason | null;
  evidence: Reason[];
  /** Sixteen hexadecimal digits. */
  addressA: string | null;
  addressB: string | null;
  sizeA: Bytes | null;
  sizeB: Bytes | null;
}

/** Every row of one kind, in the table's order. */
export function* reportRows(
  comparison: KernelComparison,
  kind: 'function' | 'object',
): Generator<ReportRow> {
  const table = kind === 'function' ? comparison.functions : comparison.objects;
  const half = (side: Side, sources: Sources, row: number) => {
    if (row < 0) return undefined;
    const source = sources.names[sources.ofRow[row]!] ?? null;
    return { ...placeSummary(side, row), source };
  };
  for (let i = 0; i < table.length; i++) {
    const a = half(comparison.a, comparison.sources.a, table.a[i]!);
    const b = half(comparison.b, comparison.sources.b, table.b[i]!);
    const either = a ?? b;
    if (!either) continue;
    const reason = table.reason[i]!;
    const evidence = table.evidence[i]!;
    yield {
      kind,
      name: either.name,
      nameB: a && b && a.name !== b.name ? b.name : null,
      section: either.section,
      source: either.source,
      verdict: verdicts[table.verdict[i]!]!,
      reason: reason === noReason ? null : reasons[reason]!,
      evidence: reasons.filter((_, bit) => evidence & (1 << bit)),
      addressA: a ? addressText(a.address) : null,
      addressB: b ? addressText(b.address) : null,
      sizeA: a?.size ?? null,
      sizeB: b?.size ?? null,
    };
  }
}

/** Rows that only address fields tell apart, or nothing, are left out. */
export function isSame({ verdict }: ReportRow): boolean {
  return verdict === 'identical' || verdict === 'addresses';
}
