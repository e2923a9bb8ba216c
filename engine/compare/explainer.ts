import { lastNotAbove } from '../kernel/address.js';
import { explain, type Explanation } from './explain.js';
import type { Pairing } from './pairing.js';
import type { IndexIntoPlaceTable } from './places.js';
import { readSequence } from './sequence.js';
import type { PatchSites } from './sites.js';
import type { Targets } from './targets.js';
import { reasons } from './types.js';
import type { Bytes } from '../units.js';

/** Why a pair of functions differs, and where each instruction lies. */
export interface ExplainedPair extends Explanation {
  /** Offsets of all instructions but fill, ascending. */
  offsetsA: Int32Array;
  offsetsB: Int32Array;
}

/** Explains pairs of functions that differ, each once. */
export interface Explainer {
  of(rowA: IndexIntoPlaceTable): ExplainedPair;
  /** Tells which functions of A differ from their counterparts: code moved only in those. */
  differing: Set<IndexIntoPlaceTable>;
  /**
   * Where in B's function the place is that lies at an offset in A's: the
   * instruction that is equal, or what follows the one that is equal to the one
   * before. -1 when there is no such place.
   */
  offsetInB(rowA: IndexIntoPlaceTable, offsetA: number): number;
}

/** No kernel's function is as large; columns of instructions take 50 times its bytes. */
const longestExplained: Bytes = 1 << 20;

const unexplained: ExplainedPair = {
  ...{ reason: reasons.indexOf('other'), evidence: 1 << reasons.indexOf('other') },
  equal: { length: 0, a: new Int32Array(0), b: new Int32Array(0) },
  ...{ offsetsA: new Int32Array(0), offsetsB: new Int32Array(0) },
};

export function createExplainer(
  targets: Targets,
  pairing: Pairing,
  sites: { a: PatchSites; b: PatchSites },
): Explainer {
  const { a, b } = targets;
  const pvOps = pvOpsSubject(targets);
  const known = new Map<IndexIntoPlaceTable, ExplainedPair>();
  const differing = new Set<IndexIntoPlaceTable>();

  const of = (rowA: IndexIntoPlaceTable): ExplainedPair => {
    const before = known.get(rowA);
    if (before) return before;
    const pair = explainPair(rowA, pairing.ofA[rowA]!);
    known.set(rowA, pair);
    return pair;
  };

  const explainPair = (rowA: IndexIntoPlaceTable, rowB: IndexIntoPlaceTable): ExplainedPair => {
    const sizes = [a.side.places.table.size[rowA]!, b.side.places.table.size[rowB]!];
    if (Math.max(...sizes) > longestExplained) return unexplained;
    const one = readSequence(a, rowA, sites.a, pvOps);
    const two = readSequence(b, rowB, sites.b, pvOps);
    return { ...explain(one, two), offsetsA: one.offset, offsetsB: two.offset };
  };

  return {
    of,
    differing,
    offsetInB(rowA, offsetA) {
      if (!differing.has(rowA)) return offsetA;
      const { offsetsA, offsetsB, equal } = of(rowA);
      const i = lastNotAbove(offsetsA, offsetsA.length, offsetA);
      if (i < 0 || offsetsA[i] !== offsetA) return -1;
      const match = lastNotAbove(equal.a, equal.length, i);
      const steps = match < 0 ? 2 : i - equal.a[match]!;
      return steps > 1 ? -1 : (offsetsB[equal.b[match]! + steps] ?? -1);
    },
  };
}

/** The subject of the paravirt operations' table (arch/x86/kernel/paravirt.c), or -1. */
export function pvOpsSubject({ a, b }: Targets): number {
  for (const { side, subjectOf } of [b, a]) {
    const row = side.places.table.name.indexOf('pv_ops');
    if (row >= 0) return subjectOf(row);
  }
  return -1;
}
