import { recipeErrors } from '../errors/recipe.js';
import type { Correction } from './address-map.js';
import { codeWord } from './layout.js';
import { bitModel, numberModel, type RangeCoder } from './range-coder.js';

/**
 * Places of the base where data has PC-relative fields, ascending: the distance
 * to the one before, which in a table's rows is mostly that of two before.
 */
export function codeDataFields(
  coder: RangeCoder,
  baseSize: number,
  fields?: Uint32Array,
): Uint32Array {
  const count = codeWord(coder, fields?.length);
  // A field is four bytes, so there can be no more.
  if (count > baseSize / 4) throw recipeErrors.malformed({ why: `${count} fields of data` });
  const repeats = bitModel(2);
  const gaps = numberModel();
  const result = new Uint32Array(count);
  let at = 0;
  let last = 4;
  let secondLast = 4;
  let repeated = 0;
  for (let i = 0; i < count; i++) {
    const wanted = fields ? fields[i]! - at : 0;
    repeated = coder.bit(repeats, repeated, wanted === secondLast ? 1 : 0);
    const gap = repeated ? secondLast : coder.number(gaps, 0, wanted);
    at += gap;
    result[i] = at;
    secondLast = last;
    last = gap;
  }
  return result;
}

/** Corrections of the address map: distance in order of addresses, and the change of the shift. */
export function codeCorrections(coder: RangeCoder, corrections?: Correction[]): Correction[] {
  const count = codeWord(coder, corrections?.length);
  const distances = numberModel();
  const shifts = numberModel();
  const result: Correction[] = [];
  let at = 0;
  let shift = 0;
  const most = 1 << 20;
  if (count > most) throw recipeErrors.malformed({ why: `${count} corrections` });
  for (let i = 0; i < count; i++) {
    const correction = corrections?.[i];
    const distance = coder.number(distances, 0, correction && correction.at - at);
    at += distance;
    shift = (shift + coder.signed(shifts, 0, correction && correction.shift - shift)) | 0;
    if (at > 0xffffffff || (i > 0 && distance === 0)) {
      throw recipeErrors.malformed({ why: 'corrections lead out, or stand still' });
    }
    result.push({ at, shift });
  }
  return result;
}
