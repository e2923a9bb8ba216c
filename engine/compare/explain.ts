import { align, type Alignment } from './align.js';
import {
  atAlternative,
  atParavirt,
  atStaticKey,
  isMove,
  leavesFunction,
  usesStack,
  type Sequence,
} from './sequence.js';
import { reasons, type Reason } from './types.js';

/** Why two functions differ, and which of their instructions stand for each other. */
export interface Explanation {
  /** Index into `reasons`. */
  reason: number;
  /** Bit i for `reasons[i]`. */
  evidence: number;
  /** Instructions that are equal but for addresses. */
  equal: Alignment;
}

const bit = (reason: Reason): number => 1 << reasons.indexOf(reason);

/**
 * The rules, in order (docs/comparing.md):
 *
 * paravirt, alternative, static-key: an instruction that has no equal on the
 * other side is such a patch site, or for paravirt refers to pv_ops.
 * structure: shapes are all equal, and an immediate or displacement differs.
 * inlining: a direct call or jump out of the function has no counterpart.
 * registers: the same instructions but for registers, order, moves and stack slots.
 * reference: shapes are all equal, and only what some refer to differs.
 * layout: nothing differs but fill and the reach of jumps.
 */
export function explain(a: Sequence, b: Sequence): Explanation {
  const equal = align(a.exact, b.exact);
  const [leftA, leftB] = [
    unmatched(a.length, equal.a, equal.length),
    unmatched(b.length, equal.b, equal.length),
  ];
  let flags = 0;
  for (const i of leftA) flags |= a.flags[i]!;
  for (const i of leftB) flags |= b.flags[i]!;
  let evidence = 0;
  if (flags & atParavirt) evidence |= bit('paravirt');
  if (flags & atAlternative) evidence |= bit('alternative');
  if (flags & atStaticKey) evidence |= bit('static-key');

  const similar = similarPairs(a, b, equal);
  const sameShape = similar.length === leftA.length && similar.length === leftB.length;
  const constants = changedConstants(a, b, similar, sameShape);
  if (constants.structure) evidence |= bit('structure');
  if (sameShape) {
    if (constants.reference) evidence |= bit('reference');
    if (evidence === 0 && constants.stack) evidence |= bit('registers');
    if (evidence === 0) evidence |= bit(sameJumps(a, b) ? 'layout' : 'other');
    return { reason: first(evidence), evidence, equal };
  }
  if (!sameCounts(leftA, a.target, a.flags, leftB, b.target, b.flags)) evidence |= bit('inlining');
  else if (sameLoose(a, leftA, b, leftB)) evidence |= bit('registers');
  const main = evidence & ~bit('structure');
  if (main === 0) {
    // A changed constant amid other changes may well be their cause, but is not all there is.
    evidence |= bit('other');
    return { reason: reasons.indexOf('other'), evidence, equal };
  }
  return { reason: first(main), evidence, equal };
}

function first(evidence: number): number {
  return reasons.findIndex((_, i) => evidence & (1 << i));
}

/** Indices of `length` elements that an ascending list of matches leaves out. */
export function unmatched(length: number, matched: Int32Array, matches: number): number[] {
  const left: number[] = [];
  let next = 0;
  for (let i = 0; i < length; i++) {
    if (next < matches && matched[next] === i) next++;
    else left.push(i);
  }
  return left;
}

/** Between instructions that are equal: pairs of those that have at least the same shape. */
function similarPairs(a: Sequence, b: Sequence, equal: Alignment): [x: number, y: number][] {
  const pairs: [number, number][] = [];
  for (const [fromA, endA, fromB, endB] of hunks(equal, a.length, b.length)) {
    const shapes = align(a.shape.subarray(fromA, endA), b.shape.subarray(fromB, endB));
    for (let i = 0; i < shapes.length; i++)
      pairs.push([fromA + shapes.a[i]!, fromB + shapes.b[i]!]);
  }
  return pairs;
}

/** The stretches of both sequences that lie between matches, where either is not empty. */
export function* hunks(
  equal: Alignment,
  lengthA: number,
  lengthB: number,
): Generator<[fromA: number, endA: number, fromB: number, endB: number]> {
  let [fromA, fromB] = [0, 0];
  for (let i = 0; i <= equal.length; i++) {
    const endA = i < equal.length ? equal.a[i]! : lengthA;
    const endB = i < equal.length ? equal.b[i]! : lengthB;
    if (endA > fromA || endB > fromB) yield [fromA, endA, fromB, endB];
    [fromA, fromB] = [endA + 1, endB + 1];
  }
}

/** What differs within instructions of equal shape. */
function changedConstants(
  a: Sequence,
  b: Sequence,
  similar: readonly (readonly [x: number, y: number])[],
  trustTargets: boolean,
): { structure: boolean; reference: boolean; stack: boolean } {
  const found = { structure: false, reference: false, stack: false };
  for (const [x, y] of similar) {
    // Only where all shapes agree are x and y surely each other's counterparts.
    if (!Object.is(a.target[x], b.target[y])) found.reference ||= trustTargets;
    if (a.constants[x] === b.constants[y]) continue;
    if (a.flags[x]! & usesStack) found.stack = true;
    else found.structure = true;
  }
  return found;
}

/** Whether the jumps within two functions of as many instructions lead to the same ones. */
function sameJumps(a: Sequence, b: Sequence): boolean {
  const indexOf = (sequence: Sequence): Map<number, number> =>
    new Map(Array.from(sequence.offset, (offset, i) => [offset, i]));
  const [inA, inB] = [indexOf(a), indexOf(b)];
  return a.jump.every((jump, i) => jump < 0 || inA.get(jump) === inB.get(b.jump[i]!));
}

/** Whether both sides' left-over calls and jumps out go to the same places equally often. */
function sameCounts(
  leftA: readonly number[],
  targetA: Float64Array,
  flagsA: Uint8Array,
  leftB: readonly number[],
  targetB: Float64Array,
  flagsB: Uint8Array,
): boolean {
  const balance = new Map<number, number>();
  for (const i of leftA) if (flagsA[i]! & leavesFunction) count(balance, targetA[i]!, 1);
  for (const i of leftB) if (flagsB[i]! & leavesFunction) count(balance, targetB[i]!, -1);
  return [...balance.values()].every((n) => n === 0);
}

/** The same for left-over instructions without their registers; moves come and go with registers. */
function sameLoose(
  a: Sequence,
  leftA: readonly number[],
  b: Sequence,
  leftB: readonly number[],
): boolean {
  const balance = new Map<number, number>();
  for (const i of leftA) if (!(a.flags[i]! & isMove)) count(balance, a.loose[i]!, 1);
  for (const i of leftB) if (!(b.flags[i]! & isMove)) count(balance, b.loose[i]!, -1);
  return [...balance.values()].every((n) => n === 0);
}

function count(balance: Map<number, number>, key: number, by: number): void {
  balance.set(key, (balance.get(key) ?? 0) + by);
}
