import type { Explainer } from './explainer.js';
import { fill, pieces, type Piece } from './pieces.js';
import { targetOffset, targetSubject, type TargetResolver, type Targets } from './targets.js';
import type { Bytes } from '../units.js';
import type { Remainder } from './types.js';

/**
 * Compares what lies between functions and objects, as a bag of pieces: merged
 * strings one by one, tables entry by entry, other data from one place that is
 * referred to to the next. Order does not matter, since the linker's order is
 * what differs most. Grouped by section, and by the label that begins a table.
 */
export function compareRemainders(targets: Targets, explainer: Explainer): Remainder[] {
  const { a, b } = targets;
  const groups = new Map<string, Group>();
  let last: Group | undefined;
  const groupOf = ({ section, label }: Piece): Group => {
    // Pieces of one group come one after the other.
    if (last?.total.section === section && last.total.label === label) return last;
    const key = `${section} ${label}`;
    last = groups.get(key);
    if (!last) groups.set(key, (last = { total: emptyTotal(section, label), inB: new Map() }));
    return last;
  };
  for (const piece of pieces(b, (field) => b.of(field))) {
    const { total, inB } = groupOf(piece);
    total.sizeB += piece.size;
    if (piece.content === fill) total.paddingB += piece.size;
    else {
      const same = inB.get(piece.content);
      if (same) same.count++;
      else inB.set(piece.content, { count: 1, size: piece.size });
    }
  }
  for (const piece of pieces(a, (field) => asInB(a, a.of(field), explainer))) {
    const { total, inB } = groupOf(piece);
    total.sizeA += piece.size;
    if (piece.content === fill) total.paddingA += piece.size;
    const same = inB.get(piece.content);
    if (!same || same.count === 0) continue;
    same.count--;
    total.sharedA += piece.size;
    total.sharedB += same.size;
  }
  return [...groups.values()].map(({ total }) => total);
}

interface Group {
  total: Remainder;
  /** Pieces of B by content: how many are left, and how large each is. */
  inB: Map<number, { count: number; size: Bytes }>;
}

function emptyTotal(section: string, label: string): Remainder {
  return {
    ...{ section, label },
    ...{ sizeA: 0, sizeB: 0, sharedA: 0, sharedB: 0, paddingA: 0, paddingB: 0 },
  };
}

/** A target of A with the distance into a function as B counts it. */
function asInB(a: TargetResolver, target: number, explainer: Explainer): number {
  const offset = targetOffset(target);
  const subject = targetSubject(target);
  if (offset <= 0 || !a.isFunction(subject) || !explainer.differing.has(subject)) return target;
  // A place without an equal gets an offset that no field of B has.
  const there = explainer.offsetInB(subject, offset);
  return target - offset + (there < 0 ? -1 - offset : there);
}
