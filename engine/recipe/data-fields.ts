import type { FileOffset } from '../units.js';
import { absolute64, dataRelative, isWithin, targetRanges, type AddressRange } from './fields.js';
import type { FileRange, KernelImage } from './image.js';

/**
 * Finds the PC-relative fields of data, such as those of `__ex_table`,
 * `.altinstructions` and the bug table, without knowing the tables: a value
 * that leads from its own place a page or more back into code. A random one
 * does so once in some thousand, and costs little when it is taken wrongly.
 * Then columns: where rows of equal length have such a field, the other
 * columns are looked at (`repl_offset` of struct alt_instr leads forward).
 * @param kinds marks what is found as DataRelative
 * @param excluded ranges of the file not to look at, in order
 */
export function findDataFields(
  image: KernelImage,
  kinds: Uint8Array,
  excluded: readonly FileRange[],
): void {
  const { branches } = targetRanges(image);
  for (const { offset, size, address } of image.loaded) {
    for (const piece of outside({ offset, size }, [...image.code, ...excluded])) {
      const before = address - offset;
      findInPiece(image, kinds, piece, before, branches);
      findColumns(image, kinds, piece, before, branches);
    }
  }
}

/** The parts of a range that lie in none of the others. */
function outside(range: FileRange, others: readonly FileRange[]): FileRange[] {
  const pieces: FileRange[] = [];
  let at = range.offset;
  const end = range.offset + range.size;
  for (const other of [...others].sort((a, b) => a.offset - b.offset)) {
    if (other.offset + other.size <= at || other.offset >= end) continue;
    if (other.offset > at) pieces.push({ offset: at, size: other.offset - at });
    at = other.offset + other.size;
  }
  if (at < end) pieces.push({ offset: at, size: end - at });
  return pieces;
}

/** @param before what must be added to a file offset to have its address */
function findInPiece(
  { bytes, view }: KernelImage,
  kinds: Uint8Array,
  { offset, size }: FileRange,
  before: number,
  branches: readonly AddressRange[],
): void {
  const nearest = -4096;
  const end = offset + size;
  for (let at = offset; at + 4 <= end;) {
    const kind = kinds[at]!;
    if (kind !== 0) {
      at += kind === absolute64 ? 8 : 4;
      continue;
    }
    if (bytes[at + 3]! >= 0xfe) {
      const value = view.getInt32(at, true);
      if (value < nearest && isWithin(branches, (at + before + value) >>> 0)) {
        kinds[at] = dataRelative;
        at += 4;
        continue;
      }
    }
    at++;
  }
}

const leastRows = 16;
const longestRow = 64;

function findColumns(
  image: KernelImage,
  kinds: Uint8Array,
  { offset, size }: FileRange,
  before: number,
  branches: readonly AddressRange[],
): void {
  const end = offset + size;
  let at = nextField(kinds, offset, end);
  while (at < end) {
    const row = nextField(kinds, at + 4, Math.min(end, at + 4 + longestRow)) - at;
    let rows = 1;
    while (row <= longestRow && at + rows * row < end && isDataField(kinds, at + rows * row))
      rows++;
    if (row > 4 && rows >= leastRows) {
      for (let column = 4; column + 4 <= row; column++) {
        if (isColumn(image, at + column, row, rows, before, branches)) {
          for (let i = 0; i < rows; i++) {
            const field = at + column + i * row;
            if (field + 4 <= end) kinds[field] = dataRelative;
          }
          column += 3;
        }
      }
      at += (rows - 1) * row;
    }
    at = nextField(kinds, at + 4, end);
  }
}

/** Do nine of ten rows lead into code there, not all to one place? */
function isColumn(
  { view, bytes }: KernelImage,
  first: FileOffset,
  row: number,
  rows: number,
  before: number,
  branches: readonly AddressRange[],
): boolean {
  let hits = 0;
  const targets = new Set<number>();
  for (let i = 0; i < rows; i++) {
    const at = first + i * row;
    if (at + 4 > bytes.length) return false;
    const target = (at + before + view.getInt32(at, true)) >>> 0;
    if (!isWithin(branches, target)) continue;
    hits++;
    targets.add(target);
  }
  return hits * 10 >= rows * 9 && targets.size * 4 >= rows;
}

const isDataField = (kinds: Uint8Array, at: FileOffset): boolean => kinds[at] === dataRelative;

function nextField(kinds: Uint8Array, from: FileOffset, end: FileOffset): FileOffset {
  let at = from;
  while (at < end && kinds[at] !== dataRelative) at++;
  return at;
}
