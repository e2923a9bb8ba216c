import { patchErrors } from '../../errors/patch.js';
import { addressText } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import { tableOf, type PatchKernel } from '../kernel.js';
import type { SiteTable } from '../types.js';
import { findTable, type TableBytes } from './find-table.js';
import { viewOf } from './instructions.js';
import { entryCount, isCode, siteColumns } from './site-rows.js';

/** A table that alternative_instructions() applies at boot. */
export interface BootTable {
  section: string;
  start: string;
  end: string;
  /** A function that only kernels with such a table have. */
  of: string;
  entrySize: Bytes;
  /** Whether the bytes at an offset read as an entry. */
  isEntry(table: TableBytes, offset: Bytes): boolean;
}

/** Every kernel has alternatives, so that this label tells whether labels have names at all. */
const everPresent = '__alt_instructions';

/**
 * Finds such a table. Undefined where the kernel has none.
 * @throws patch-table-unknown where it has one that cannot be found, patch-outside
 */
export function findBootTable(kernel: PatchKernel, table: BootTable): TableBytes | undefined {
  const found = tableOf(kernel, table);
  if (found) return withoutEmptied(found, table.entrySize);
  if (kernel.names.row.has(everPresent) || !kernel.names.row.has(table.of)) return undefined;
  return findTable(kernel, { ...table, walker: 'alternative_instructions' });
}

/**
 * The table without the entries of zeros at its end, which patching leaves where a kernel is to
 * apply no more (settle/tables.ts). No kernel is built with such: an entry points at code.
 */
function withoutEmptied({ start, bytes }: TableBytes, entrySize: Bytes): TableBytes | undefined {
  let end = bytes.length;
  if (end % entrySize !== 0) return { start, bytes };
  while (end > 0 && bytes.subarray(end - entrySize, end).every((byte) => byte === 0)) {
    end -= entrySize;
  }
  return end === 0 ? undefined : { start, bytes: bytes.subarray(0, end) };
}

/** @throws patch-table-malformed */
export function malformed(table: string, entry: number, why: string): never {
  throw patchErrors.tableMalformed({ table, entry: addressText(entry), why });
}

/**
 * Reads a table of distances, each counted from itself (`.long site - .`). A distance of 0, which
 * fills up `.smp_locks` to the end of its page, is no entry.
 * @param size  bytes that must be code at each site
 * @throws patch-table-malformed, patch-table-unknown, patch-outside
 */
export function readDistances(
  kernel: PatchKernel,
  description: Omit<BootTable, 'entrySize' | 'isEntry'>,
  size: Bytes,
): SiteTable | undefined {
  const table = findBootTable(kernel, {
    ...{ ...description, entrySize: 4 },
    isEntry: (candidate, at) => {
      const distance = viewOf(candidate.bytes).getInt32(at, true);
      return distance === 0 || isCode(kernel.sections, candidate.start + at + distance, size);
    },
  });
  if (!table) return undefined;
  const count = entryCount(description.section, table, 4);
  const view = viewOf(table.bytes);
  const rows: number[] = [];
  for (let i = 0; i < count; i++) if (view.getInt32(4 * i, true) !== 0) rows.push(i);
  const sites = siteColumns(rows.length, table.start, 4);
  rows.forEach((i, row) => {
    const entry = table.start + 4 * i;
    const address = entry + view.getInt32(4 * i, true);
    if (!isCode(kernel.sections, address, size)) {
      malformed(
        description.section,
        entry,
        `its site ${addressText(address)} is outside of the code`,
      );
    }
    sites.entry[row] = entry;
    sites.address[row] = address;
    sites.size[row] = size;
  });
  return sites;
}
