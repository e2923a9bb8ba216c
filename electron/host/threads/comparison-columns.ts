import {
  totalsOf,
  type ComparisonTable,
  type KernelComparison,
  type Side,
} from '../../../engine/compare/index.js';
import { Numbered } from '../../../engine/numbered.js';
import type { ComparisonColumns, Comparison } from '../../../engine/contract/app/merge.js';

/** A comparison as the window gets it: columns, since 30 000 objects would take it seconds to check. */
export function comparisonColumns(comparison: KernelComparison): Comparison {
  const { a, b, functions, objects, remainders, notes } = comparison;
  const names = new Numbered();
  return {
    totals: totalsOf(comparison),
    functions: columnsOf(comparison, functions, names),
    objects: columnsOf(comparison, objects, names),
    sources: names.all,
    remainders,
    notes,
    sectionsA: sectionsOf(a),
    sectionsB: sectionsOf(b),
  };
}

function columnsOf(
  { a, b, sources }: KernelComparison,
  table: ComparisonTable,
  names: Numbered,
): ComparisonColumns {
  const { length, verdict, reason, evidence } = table;
  const columns: ComparisonColumns = {
    ...{ length, verdict, reason, evidence, name: [], nameB: [] },
    section: new Int16Array(length),
    source: new Int32Array(length),
    addressA: new Float64Array(length).fill(NaN),
    addressB: new Float64Array(length).fill(NaN),
    sizeA: new Float64Array(length).fill(NaN),
    sizeB: new Float64Array(length).fill(NaN),
  };
  const sectionInA = new Map(a.image.sections.map(({ name }, i) => [name, i]));
  for (let i = 0; i < length; i++) {
    const [rowA, rowB] = [table.a[i]!, table.b[i]!];
    const [placesA, placesB] = [a.places.table, b.places.table];
    if (rowA >= 0) {
      columns.addressA[i] = placesA.start[rowA]!;
      columns.sizeA[i] = placesA.size[rowA]!;
    }
    if (rowB >= 0) {
      columns.addressB[i] = placesB.start[rowB]!;
      columns.sizeB[i] = placesB.size[rowB]!;
    }
    const name = rowA >= 0 ? placesA.name[rowA]! : placesB.name[rowB]!;
    columns.name.push(name);
    if (rowA >= 0 && rowB >= 0 && placesB.name[rowB] !== name) {
      columns.nameB.push({ row: i, name: placesB.name[rowB]! });
    }
    const [side, row] = rowA >= 0 ? [sources.a, rowA] : [sources.b, rowB];
    const source = side.names[side.ofRow[row]!];
    columns.source[i] = source === undefined ? -1 : names.number(source);
    columns.section[i] =
      rowA >= 0
        ? placesA.section[rowA]!
        : (sectionInA.get(b.image.sections[placesB.section[rowB]!]!.name) ?? -1);
  }
  return columns;
}

function sectionsOf({ image }: Side): Comparison['sectionsA'] {
  return image.sections.map(({ name, start, size, bytes, executable }) => ({
    ...{ name, start, size, executable, stored: bytes.length > 0 },
  }));
}
