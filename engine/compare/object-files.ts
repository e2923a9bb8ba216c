import { Numbered } from '../numbered.js';
import { align } from './align.js';
import type { IndexIntoPlaceTable, Places } from './places.js';

/**
 * The object file of each file symbol (STT_FILE): a file symbol has only the last part of the
 * source's path, the list of object files that a kernel was linked from has all of it, in the same order.
 * @returns paths; undefined where the list has no such object in its place
 */
export function objectsOfFiles(
  files: readonly string[],
  objects: readonly string[],
): (string | undefined)[] {
  const bases = new Numbered();
  const key = (path: string): number =>
    bases.number((path.split('/').at(-1) ?? '').replace(/\.[^.]*$/, ''));
  const alignment = align(files.map(key), objects.map(key));
  const found = new Array<string | undefined>(files.length).fill(undefined);
  for (let i = 0; i < alignment.length; i++) {
    found[alignment.a[i]!] = objects[alignment.b[i]!]!;
  }
  return found;
}

/**
 * Tells each row's origin from that of static symbols, which alone follow a file symbol: a global
 * one is between its file's static ones in memory, as the linker places object file after object
 * file. Where the nearest known rows on both sides agree, it is theirs; otherwise nothing is claimed.
 * @param own number of each row's origin, -1 where it is not known by itself
 */
export function spreadOrigins({ table }: Places, own: Int32Array): Int32Array<ArrayBuffer> {
  const before = nearest(table, own, 1);
  const behind = nearest(table, own, -1);
  return Int32Array.from(own, (origin, row) => {
    if (origin >= 0) return origin;
    return table.local[row] === 0 && before[row] === behind[row] ? before[row]! : -1;
  });
}

/** For each row the origin of the last known one of its section in a direction, or -1. */
function nearest(table: Places['table'], own: Int32Array, step: 1 | -1): Int32Array {
  const found = new Int32Array(own.length).fill(-1);
  let last = -1;
  let section = -1;
  const first = step === 1 ? 0 : own.length - 1;
  for (let row: IndexIntoPlaceTable = first; row >= 0 && row < own.length; row += step) {
    if (table.section[row] !== section) {
      section = table.section[row]!;
      last = -1;
    }
    if (own[row]! >= 0) last = own[row]!;
    found[row] = last;
  }
  return found;
}
