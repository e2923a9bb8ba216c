import { align } from './align.js';
import type { KernelComparison } from './compare.js';
import { createNamer, disassemble, type DisassembledLine } from './disassembly.js';
import { hunks, unmatched } from './explain.js';
import { pvOpsSubject } from './explainer.js';
import { placeBytes } from './places.js';
import { atAlternative, atParavirt, atStaticKey, readSequence, type Sequence } from './sequence.js';
import {
  noReason,
  reasons,
  verdicts,
  type IndexIntoComparisonTable,
  type LineMark,
  type PlaceSummary,
  type Reason,
  type SiteFamily,
  type Verdict,
} from './types.js';
import { placeSummary } from './rows.js';

export interface SideBySideLine {
  /**
   * As `diff -y` marks lines: equal bytes ' ', equal but for addresses '~', the
   * same instruction with other constants or another target '|', in one kernel
   * only '<' '>'.
   */
  mark: LineMark;
  /** Families of patch sites that either half belongs to. */
  families: SiteFamily[];
  a: DisassembledLine | null;
  b: DisassembledLine | null;
}

/** One function of both kernels, instruction by instruction. Fill is left out. */
export interface SideBySide {
  verdict: Verdict;
  reason: Reason | null;
  evidence: Reason[];
  a: PlaceSummary | null;
  b: PlaceSummary | null;
  lines: SideBySideLine[];
}

/** Disassembles one row of the table of functions, both sides aligned. */
export function sideBySide(
  comparison: KernelComparison,
  index: IndexIntoComparisonTable,
): SideBySide {
  const { functions, targets, pairing, sites } = comparison;
  const half = (which: 'a' | 'b'): Half => {
    const row = functions[which][index]!;
    if (row < 0) return { lines: [], sequence: undefined, place: null, bytes: noBytes };
    const { side } = targets[which];
    const sequence = readSequence(targets[which], row, sites[which], pvOpsSubject(targets));
    const kept = new Set(sequence.offset);
    const lines = disassemble(createNamer(targets, pairing, which), row);
    return {
      lines: lines.filter(({ offset }) => kept.has(offset)),
      sequence,
      place: placeSummary(side, row),
      bytes: placeBytes(side.image, side.places.table, row),
    };
  };
  const [a, b] = [half('a'), half('b')];
  const reason = functions.reason[index]!;
  const evidence = functions.evidence[index]!;
  return {
    verdict: verdicts[functions.verdict[index]!]!,
    reason: reason === noReason ? null : reasons[reason]!,
    evidence: reasons.filter((_, i) => evidence & (1 << i)),
    a: a.place,
    b: b.place,
    lines: alignedLines(a, b),
  };
}

interface Half {
  lines: DisassembledLine[];
  sequence: Sequence | undefined;
  place: PlaceSummary | null;
  bytes: Uint8Array;
}

const noBytes = new Uint8Array(0);

function alignedLines(a: Half, b: Half): SideBySideLine[] {
  const keysA = a.sequence?.exact ?? [];
  const keysB = b.sequence?.exact ?? [];
  const equal = align(keysA, keysB);
  const result: SideBySideLine[] = [];
  const add = (mark: LineMark, i: number, j: number): void => {
    const flags = (a.sequence?.flags[i] ?? 0) | (b.sequence?.flags[j] ?? 0);
    result.push({ mark, families: families(flags), a: a.lines[i] ?? null, b: b.lines[j] ?? null });
  };
  let at = 0;
  const addEqual = (until: number): void => {
    for (; at < equal.length && equal.a[at]! < until; at++) {
      const [i, j] = [equal.a[at]!, equal.b[at]!];
      add(sameBytes(a, i, b, j) ? ' ' : '~', i, j);
    }
  };
  for (const [fromA, endA, fromB, endB] of hunks(equal, keysA.length, keysB.length)) {
    // What only B has stands where A's next instruction is.
    addEqual(fromA);
    hunk(a, fromA, endA, b, fromB, endB, add);
  }
  addEqual(Infinity);
  return result;
}

/** Between two lines that are equal: instructions of one shape side by side, the rest apart. */
function hunk(
  a: Half,
  fromA: number,
  endA: number,
  b: Half,
  fromB: number,
  endB: number,
  add: (mark: LineMark, i: number, j: number) => void,
): void {
  const shapeA = a.sequence?.shape.subarray(fromA, endA) ?? [];
  const shapeB = b.sequence?.shape.subarray(fromB, endB) ?? [];
  const similar = align(shapeA, shapeB);
  const onlyA = unmatched(shapeA.length, similar.a, similar.length);
  const onlyB = unmatched(shapeB.length, similar.b, similar.length);
  let [i, j] = [0, 0];
  for (let at = 0; at <= similar.length; at++) {
    const limitA = at < similar.length ? similar.a[at]! : Infinity;
    const limitB = at < similar.length ? similar.b[at]! : Infinity;
    for (; i < onlyA.length && onlyA[i]! < limitA; i++) add('<', fromA + onlyA[i]!, -1);
    for (; j < onlyB.length && onlyB[j]! < limitB; j++) add('>', -1, fromB + onlyB[j]!);
    if (at < similar.length) add('|', fromA + limitA, fromB + limitB);
  }
}

function sameBytes(a: Half, i: number, b: Half, j: number): boolean {
  const [one, two] = [a.lines[i], b.lines[j]];
  if (!one || !two || one.size !== two.size) return false;
  for (let at = 0; at < one.size; at++) {
    if (a.bytes[one.offset + at] !== b.bytes[two.offset + at]) return false;
  }
  return true;
}

function families(flags: number): SiteFamily[] {
  const found: SiteFamily[] = [];
  if (flags & atParavirt) found.push('paravirt');
  if (flags & atAlternative) found.push('alternative');
  if (flags & atStaticKey) found.push('static-key');
  return found;
}
