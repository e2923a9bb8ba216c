import { compareErrors } from '../errors/compare.js';
import type { Bytes } from '../units.js';
import type { KernelComparison } from './compare.js';
import type { IndexIntoPlaceTable } from './places.js';
import type { Side } from './side.js';
import type { ComparisonTable, IndexIntoComparisonTable, PlaceSummary } from './types.js';

/** Reading a comparison's columns row by row. */

export function placeSummary(
  { image, places: { table } }: Side,
  row: IndexIntoPlaceTable,
): PlaceSummary {
  return {
    name: table.name[row]!,
    address: table.start[row]!,
    size: table.size[row]!,
    section: image.sections[table.section[row]!]!.name,
    row,
  };
}

/** The name of a row: A's, or B's where only B has it. */
export function rowName(
  { a, b }: KernelComparison,
  table: ComparisonTable,
  index: IndexIntoComparisonTable,
): string {
  const row = table.a[index]!;
  return row >= 0 ? a.places.table.name[row]! : b.places.table.name[table.b[index]!]!;
}

export function rowSizes(
  { a, b }: KernelComparison,
  table: ComparisonTable,
  index: IndexIntoComparisonTable,
): { a: Bytes; b: Bytes } {
  const [rowA, rowB] = [table.a[index]!, table.b[index]!];
  return {
    a: rowA < 0 ? 0 : a.places.table.size[rowA]!,
    b: rowB < 0 ? 0 : b.places.table.size[rowB]!,
  };
}

/**
 * Rows of the table of functions that bear a name on either side; static
 * functions share names.
 * @throws compare-function-unknown
 */
export function functionsNamed(
  comparison: KernelComparison,
  name: string,
): IndexIntoComparisonTable[] {
  const { a, b, functions } = comparison;
  const found: IndexIntoComparisonTable[] = [];
  const similar = new Set<string>();
  for (let i = 0; i < functions.length; i++) {
    const names = [
      a.places.table.name[functions.a[i]!],
      b.places.table.name[functions.b[i]!],
    ].filter((one) => one !== undefined);
    if (names.includes(name)) found.push(i);
    else for (const one of names) if (similar.size < 5 && one.includes(name)) similar.add(one);
  }
  if (found.length === 0) throw compareErrors.functionUnknown({ name, similar: [...similar] });
  return found;
}
