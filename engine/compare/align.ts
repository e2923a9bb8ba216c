/**
 * Aligns two sequences: what of one is still there in the other, in order.
 */

type Keys = { readonly length: number; readonly [index: number]: number };

/** Indices of elements that stand for each other, ascending in both columns. */
export interface Alignment {
  length: number;
  a: Int32Array;
  b: Int32Array;
}

/**
 * A longest common subsequence by Myers' greedy algorithm ("An O(ND) difference
 * algorithm", 1986). Sequences that differ a lot are cut: when a piece needs
 * more than `mostEdits` edits, the furthest-reaching path so far is kept and the
 * search starts anew at its end. Time is then bounded by length times
 * `mostEdits`, memory by its square, and the result may miss some matches.
 */
export function align(a: Keys, b: Keys, mostEdits = defaultEdits(a.length + b.length)): Alignment {
  const most = Math.min(a.length, b.length);
  const found: Alignment = { length: 0, a: new Int32Array(most), b: new Int32Array(most) };
  let endA = a.length;
  let endB = b.length;
  while (endA > 0 && endB > 0 && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  let x = 0;
  let y = 0;
  while (x < endA && y < endB) {
    [x, y] = greedy(a, b, x, y, endA, endB, mostEdits, found);
  }
  for (; endA < a.length; endA++, endB++) match(found, endA, endB);
  return found;
}

/** Small sequences are aligned exactly; 10^5 elements still in a fraction of a second. */
function defaultEdits(length: number): number {
  return Math.max(32, Math.min(800, Math.floor(2 ** 26 / Math.max(1, length))));
}

function match(found: Alignment, a: number, b: number): void {
  found.a[found.length] = a;
  found.b[found.length] = b;
  found.length++;
}

/**
 * Follows the furthest-reaching paths from a point until one reaches the end or
 * the edits are used up, appends the best path's matches, and returns its end.
 */
function greedy(
  a: Keys,
  b: Keys,
  fromA: number,
  fromB: number,
  endA: number,
  endB: number,
  mostEdits: number,
  found: Alignment,
): [x: number, y: number] {
  const n = endA - fromA;
  const m = endB - fromB;
  const most = Math.min(mostEdits, n + m);
  // reach[middle + k]: how far along `a` diagonal k (x - y) was followed; -1: not at all.
  const middle = most + 1;
  const reach = new Int32Array(2 * most + 3).fill(-1);
  const history: Int32Array[] = [];
  let best = { edits: 0, k: 0, x: -1, sum: -1 };
  for (let edits = 0; edits <= most && best.sum < n + m; edits++) {
    history.push(reach.slice(middle - edits - 1, middle + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      let x = edits === 0 ? 0 : step(reach, middle + k, k, n, m) >> 1;
      if (x >= 0) {
        while (x < n && x - k < m && a[fromA + x] === b[fromB + x - k]) x++;
        if (2 * x - k > best.sum) best = { edits, k, x, sum: 2 * x - k };
      }
      reach[middle + k] = x;
    }
  }
  backtrack(history, best, n, m, fromA, fromB, found);
  return [fromA + best.x, fromB + best.x - best.k];
}

/**
 * The further of the two ways onto diagonal k: along `a` from k - 1, along `b`
 * from k + 1. Returns `2 * x`, plus 1 for a step along `b`; -2 when there is none.
 */
function step(reach: Int32Array, at: number, k: number, n: number, m: number): number {
  const left = reach[at - 1]!;
  const above = reach[at + 1]!;
  const alongA = left >= 0 && left < n ? left + 1 : -1;
  const alongB = above >= 0 && above - k <= m ? above : -1;
  if (alongB < 0 && alongA < 0) return -2;
  return alongB >= alongA ? 2 * alongB + 1 : 2 * alongA;
}

/** Walks a path back to its start and appends its matches in ascending order. */
function backtrack(
  history: readonly Int32Array[],
  end: { edits: number; k: number; x: number },
  n: number,
  m: number,
  fromA: number,
  fromB: number,
  found: Alignment,
): void {
  const runs: [x: number, y: number, length: number][] = [];
  let { k, x } = end;
  for (let edits = end.edits; edits >= 0; edits--) {
    // history[edits] holds diagonals -edits - 1 to edits + 1 as they were before that step.
    const before = history[edits]!;
    const from = edits === 0 ? 0 : step(before, k + edits + 1, k, n, m);
    const alongB = (from & 1) === 1;
    const start = from >> 1;
    if (x > start) runs.push([start, start - k, x - start]);
    x = alongB ? start : start - 1;
    k += alongB ? 1 : -1;
  }
  for (const [runX, runY, length] of runs.reverse()) {
    for (let i = 0; i < length; i++) match(found, fromA + runX + i, fromB + runY + i);
  }
}
