import { LabError } from '../../errors/lab-error.js';
import { families } from '../families/index.js';
import type { PatchKernel } from '../kernel.js';
import type { FamilyName } from '../types.js';
import type { FamilySites } from './site-index.js';

/** The tables of a kernel, as far as they can be read. */
export interface ReadableTables {
  tables: FamilySites[];
  /** Families whose table was not understood: changes at their sites stay unexplained. */
  unread: { family: FamilyName; why: string }[];
}

/** Reads every family's table. One that is not understood keeps nobody from looking at the others. */
export function readableTables(kernel: PatchKernel): ReadableTables {
  const tables: FamilySites[] = [];
  const unread: ReadableTables['unread'] = [];
  for (const family of families) {
    try {
      const sites = family.read(kernel);
      if (sites) tables.push({ family: family.name, sites });
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      unread.push({ family: family.name, why: error.message });
    }
  }
  return { tables, unread };
}
