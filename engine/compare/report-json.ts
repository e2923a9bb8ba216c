import type { KernelComparison } from './compare.js';
import { addressText } from '../kernel/address.js';
import { isSame, reportRows, type ReportRow } from './report-rows.js';
import type { SideBySide } from './side-by-side.js';
import { totalsOf, type Totals } from './totals.js';
import type { PlaceSummary, Remainder } from './types.js';

/** The comparison as a document: `comparison` of docs/schema/diff.json. */
export interface DiffReport {
  totals: Totals;
  remainders: Remainder[];
  functions: ReportRow[];
  objects: ReportRow[];
  notes: string[];
}

/** @param all lists also rows that are the same */
export function diffReport(comparison: KernelComparison, all: boolean): DiffReport {
  const wanted = (row: ReportRow): boolean => all || !isSame(row);
  return {
    totals: totalsOf(comparison),
    remainders: comparison.remainders,
    functions: [...reportRows(comparison, 'function')].filter(wanted),
    objects: [...reportRows(comparison, 'object')].filter(wanted),
    notes: comparison.notes,
  };
}

/** A place with its address as text, which JSON's numbers cannot hold. */
interface PlaceReport {
  name: string;
  section: string;
  address: string;
  size: number;
}

export type SideBySideReport = Omit<SideBySide, 'a' | 'b'> & {
  a: PlaceReport | null;
  b: PlaceReport | null;
};

export function sideBySideReport(shown: SideBySide): SideBySideReport {
  return { ...shown, a: placeReport(shown.a), b: placeReport(shown.b) };
}

function placeReport(place: PlaceSummary | null): PlaceReport | null {
  if (!place) return null;
  const { name, section, address, size } = place;
  return { name, section, address: addressText(address), size };
}
