import type { Explainer } from './explainer.js';
import { parentName } from './names.js';
import type { Pairing } from './pairing.js';
import type { IndexIntoPlaceTable, PlaceTable } from './places.js';
import { kindFunction } from './places.js';
import type { Targets } from './targets.js';
import {
  noReason,
  reasons,
  verdictDiffers,
  verdictOnlyA,
  verdictOnlyB,
  type ComparisonTable,
  type IndexIntoComparisonTable,
} from './types.js';
import { compareRows, type InteriorMismatch } from './verdict.js';

/** Rows of one kind, compared; some verdicts still depend on how other functions align. */
export interface ComparedKind {
  kind: number;
  rows: ComparisonTable;
  placesA: PlaceTable;
  pending: Map<IndexIntoComparisonTable, InteriorMismatch[]>;
}

/** Compares all functions, or all objects. */
export function compareKind(targets: Targets, pairing: Pairing, kind: number): ComparedKind {
  const placesA = targets.a.side.places.table;
  const placesB = targets.b.side.places.table;
  const rows = emptyTable(placesA.length + placesB.length);
  const pending: ComparedKind['pending'] = new Map();
  const add = (a: IndexIntoPlaceTable, b: IndexIntoPlaceTable, verdict: number): void => {
    rows.a[rows.length] = a;
    rows.b[rows.length] = b;
    rows.verdict[rows.length] = verdict;
    rows.length++;
  };
  for (let a = 0; a < placesA.length; a++) {
    if (placesA.kind[a] !== kind) continue;
    const b = pairing.ofA[a]!;
    if (b < 0) {
      add(a, -1, verdictOnlyA);
      continue;
    }
    const compared = compareRows(targets, a, b);
    if (compared.pending.length > 0) pending.set(rows.length, compared.pending);
    add(a, b, compared.verdict);
  }
  for (let b = 0; b < placesB.length; b++) {
    if (placesB.kind[b] === kind && pairing.ofB[b] === -1) add(-1, b, verdictOnlyB);
  }
  return { kind, rows: cut(rows), placesA, pending };
}

function emptyTable(rows: number): ComparisonTable {
  return {
    length: 0,
    a: new Int32Array(rows),
    b: new Int32Array(rows),
    verdict: new Uint8Array(rows),
    reason: new Uint8Array(rows).fill(noReason),
    evidence: new Uint16Array(rows),
  };
}

function cut({ length, a, b, verdict, reason, evidence }: ComparisonTable): ComparisonTable {
  return {
    length,
    a: a.slice(0, length),
    b: b.slice(0, length),
    verdict: verdict.slice(0, length),
    reason: reason.slice(0, length),
    evidence: evidence.slice(0, length),
  };
}

/**
 * Decides what is pending, and gives every function that differs its reasons.
 * A row that refers into a function that differs is the same when it refers to
 * instructions that stand for each other: `.cold` parts jump back into theirs.
 */
export function settle(compared: ComparedKind, explainer: Explainer, pairing: Pairing): void {
  const { kind, rows, pending } = compared;
  if (kind === kindFunction) {
    for (let i = 0; i < rows.length; i++) {
      if (rows.verdict[i] === verdictDiffers) explainer.differing.add(rows.a[i]!);
    }
  }
  for (const [i, mismatches] of pending) {
    const same = mismatches.every(
      ({ subject, offsetA, offsetB }) =>
        pairing.ofA[subject] !== -1 && explainer.offsetInB(subject, offsetA) === offsetB,
    );
    if (same) continue;
    rows.verdict[i] = verdictDiffers;
    // Not added to `differing`: its bytes are equal, so that nothing moved within it.
  }
  if (kind !== kindFunction) return;
  for (let i = 0; i < rows.length; i++) {
    if (rows.verdict[i] !== verdictDiffers) continue;
    const { reason, evidence } = explainer.of(rows.a[i]!);
    rows.reason[i] = reason;
    rows.evidence[i] = evidence;
  }
  inheritReasons(compared);
}

/**
 * The compiler splits unlikely code off into `.cold` and `.part` functions. One
 * that differs without a reason of its own differs because its parent does.
 */
function inheritReasons({ rows, placesA }: ComparedKind): void {
  const ownReasons = reasons.length - 3; // up to `registers`; the rest says little
  const parents = new Map<string, IndexIntoComparisonTable>();
  const key = (row: IndexIntoPlaceTable, name: string): string =>
    `${placesA.local[row] === 1 ? placesA.file[row]! : ''} ${name}`;
  for (let i = 0; i < rows.length; i++) {
    const row = rows.a[i]!;
    if (row >= 0) parents.set(key(row, placesA.name[row]!), i);
  }
  for (let i = 0; i < rows.length; i++) {
    if (rows.verdict[i] !== verdictDiffers || rows.reason[i]! < ownReasons) continue;
    const row = rows.a[i]!;
    const name = parentName(placesA.name[row]!);
    if (name === null) continue;
    const parent = parents.get(key(row, name)) ?? parents.get(` ${name}`);
    if (parent === undefined || rows.verdict[parent] !== verdictDiffers) continue;
    rows.reason[i] = rows.reason[parent]!;
    rows.evidence[i] = rows.evidence[i]! | (1 << rows.reason[parent]!);
  }
}
