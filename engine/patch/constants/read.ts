import type { SiteExecutions } from '../../measure/site-counts.js';
import type { PatchKernel } from '../kernel.js';
import type { CountedSites } from './profile.js';
import {
  findReferences,
  isLoad,
  referenceKinds,
  type IndexIntoReferenceTable,
  type ReferenceTable,
} from './references.js';
import type { VariableTable } from './variables.js';

/** Variables that are hardly written, and the code that reads and writes them. */
export interface ReadVariables {
  variables: VariableTable;
  /** In all code, that of boot too. */
  references: ReferenceTable;
  /** Rows of `references` in code that stays after boot, which read and do not write. */
  loads: IndexIntoReferenceTable[];
  /** All of `references`, to be counted; stores are watched. */
  sites: CountedSites;
}

const everything = { start: -Infinity, end: Infinity };

/** Finds what reads some variables, and what sets them: code that is freed after boot, mostly. */
export function readVariables(kernel: PatchKernel, variables: VariableTable): ReadVariables {
  const references = findReferences(kernel, variables, everything);
  const { start, end } = kernel.text;
  const loads = Array.from({ length: references.length }, (_, i) => i).filter((i) => {
    const address = references.address[i]!;
    return isLoad(references, i) && address >= start && address < end;
  });
  const store = referenceKinds.indexOf('store');
  const sites = {
    address: references.address,
    watched: references.kind.map((kind) => (kind === store ? 1 : 0)),
    variable: references.variable,
  };
  return { variables, references, loads, sites };
}

/**
 * How often a load took place before the variable was stored to for the last time. Where the value
 * is another than in the file and no store was seen, it was set through a pointer, nobody knows when.
 * @param initial the variable's value in the file, null where it is the final one
 */
export function earlyLoads(
  initial: string | null,
  { boot, early, stored }: SiteExecutions,
  site: IndexIntoReferenceTable,
): number {
  if (stored[site] === 1) return early[site]!;
  return initial === null ? 0 : boot[site]!;
}
