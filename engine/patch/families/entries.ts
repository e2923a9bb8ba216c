import { patchErrors } from '../../errors/patch.js';
import { addressText, type SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import type { TableBytes } from './find-table.js';
import { entryCount } from './site-rows.js';

/** How the entries of a table are read, all of one size. */
export interface EntryFormat<Entry> {
  /** The table's section, for messages. */
  section: string;
  entrySize: Bytes;
  entryAt: (table: TableBytes, offset: Bytes) => Entry;
  /** Why an entry is none, or undefined when it is one. */
  problem: (entry: Entry) => string | undefined;
}

/** Whether the bytes at an offset read as an entry: tells a table's bounds from other operands. */
export function isEntryOf<Entry>({ entryAt, problem }: EntryFormat<Entry>) {
  return (table: TableBytes, offset: Bytes): boolean =>
    problem(entryAt(table, offset)) === undefined;
}

/** All entries of a table, and where each is. @throws patch-table-malformed */
export function entriesOf<Entry>(
  { section, entrySize, entryAt, problem }: EntryFormat<Entry>,
  table: TableBytes,
): { entry: Entry; at: SignedAddress }[] {
  const count = entryCount(section, table, entrySize);
  return Array.from({ length: count }, (_, i) => {
    const entry = entryAt(table, i * entrySize);
    const at = table.start + i * entrySize;
    const why = problem(entry);
    if (why === undefined) return { entry, at };
    throw patchErrors.tableMalformed({ table: section, entry: addressText(at), why });
  });
}
