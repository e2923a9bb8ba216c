import { firstFieldFrom, type IndexIntoFieldTable } from './fields.js';
import { kindFunction, placeBytes, type IndexIntoPlaceTable } from './places.js';
import { meetsNeighbour } from './neighbours.js';
import { targetOffset, targetSubject, type TargetResolver, type Targets } from './targets.js';
import { verdictAddresses, verdictDiffers, verdictIdentical } from './types.js';

/** Two fields that lead into one function, at different distances from its start. */
export interface InteriorMismatch {
  /** The function's subject: a row of A. */
  subject: number;
  offsetA: number;
  offsetB: number;
}

export interface RowVerdict {
  verdict: typeof verdictIdentical | typeof verdictAddresses | typeof verdictDiffers;
  /**
   * What is left to be decided when those functions have been aligned: their
   * code moved, so that equal places have unequal distances from the start.
   */
  pending: InteriorMismatch[];
}

const differs: RowVerdict = { verdict: verdictDiffers, pending: [] };

/**
 * Compares two rows: their bytes outside of address fields, where the fields
 * are, and what each leads to. A row without contents (.bss) is as large or not.
 */
export function compareRows(
  targets: Targets,
  rowA: IndexIntoPlaceTable,
  rowB: IndexIntoPlaceTable,
): RowVerdict {
  const { a, b } = targets;
  const [placesA, placesB] = [a.side.places.table, b.side.places.table];
  if (placesA.size[rowA] !== placesB.size[rowB]) return differs;
  const bytesA = placeBytes(a.side.image, placesA, rowA);
  const bytesB = placeBytes(b.side.image, placesB, rowB);
  if (bytesA.length !== bytesB.length) return differs;
  const [fieldsA, fieldsB] = [a.side.fields, b.side.fields];
  const [startA, startB] = [placesA.start[rowA]!, placesB.start[rowB]!];
  const [refersA, refersB] = [referrals(a, rowA), referrals(b, rowB)];
  const pending: InteriorMismatch[] = [];
  const seen = new Set<string>();
  let fieldA = firstFieldFrom(fieldsA, startA);
  let fieldB = firstFieldFrom(fieldsB, startB);
  let isIdentical = true;
  for (let at = 0; at < bytesA.length;) {
    const next = fieldA < fieldsA.length ? fieldsA.start[fieldA]! - startA : Infinity;
    const nextB = fieldB < fieldsB.length ? fieldsB.start[fieldB]! - startB : Infinity;
    const end = Math.min(next, bytesA.length);
    if (end !== Math.min(nextB, bytesB.length)) return differs;
    for (; at < end; at++) if (bytesA[at] !== bytesB[at]) return differs;
    if (at === bytesA.length) break;
    const size = fieldsA.size[fieldA]!;
    if (fieldsB.size[fieldB] !== size) return differs;
    if (fieldsB.relative[fieldB] !== fieldsA.relative[fieldA]) return differs;
    const mismatch = compareFields(targets, fieldA, fieldB, () =>
      meetsNeighbour(a, fieldA, refersA, b, fieldB, refersB),
    );
    if (mismatch === 'other') return differs;
    if (mismatch) {
      const key = `${mismatch.subject} ${mismatch.offsetA} ${mismatch.offsetB}`;
      if (!seen.has(key)) pending.push(mismatch);
      seen.add(key);
    }
    for (const last = Math.min(at + size, bytesA.length); at < last; at++) {
      if (bytesA[at] !== bytesB[at]) isIdentical = false;
    }
    fieldA++;
    fieldB++;
  }
  return { verdict: isIdentical ? verdictIdentical : verdictAddresses, pending };
}

/**
 * Undefined when both lead to the same place. A place inside of a function is
 * settled later, even at the same distance: its code may have changed.
 */
function compareFields(
  { a, b }: Targets,
  fieldA: IndexIntoFieldTable,
  fieldB: IndexIntoFieldTable,
  isNeighbour: () => boolean,
): InteriorMismatch | 'other' | undefined {
  const targetA = a.of(fieldA);
  const targetB = b.of(fieldB);
  const subject = targetSubject(targetA);
  const { table } = a.side.places;
  if (subject === targetSubject(targetB) && table.kind[subject] === kindFunction) {
    const [offsetA, offsetB] = [targetOffset(targetA), targetOffset(targetB)];
    if (offsetA > 0 && offsetB > 0) return { subject, offsetA, offsetB };
    return offsetA === offsetB ? undefined : 'other';
  }
  return targetA === targetB || isNeighbour() ? undefined : 'other';
}

/** The subjects to which a row's fields lead straight, found out when first asked. */
function referrals(
  resolver: TargetResolver,
  row: IndexIntoPlaceTable,
): (subject: number) => boolean {
  let subjects: Set<number> | undefined;
  const find = (): Set<number> => {
    const { places, fields } = resolver.side;
    const start = places.table.start[row]!;
    const end = start + places.table.size[row]!;
    const found = new Set<number>();
    for (let i = firstFieldFrom(fields, start); i < fields.length && fields.start[i]! < end; i++) {
      const target = resolver.of(i);
      if (targetOffset(target) === 0) found.add(targetSubject(target));
    }
    return found;
  };
  return (subject) => (subjects ??= find()).has(subject);
}
