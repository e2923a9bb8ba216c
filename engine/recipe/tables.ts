import { recipeErrors } from '../errors/recipe.js';
import { addressesOf, type Copy } from './copies.js';
import { mostAlike, orcAddress, type Address32, type KernelImage, type OrcTable } from './image.js';
import { firstFrom } from './predict.js';

/**
 * Tables of addresses in order move as the copies move what they point at: the
 * relocation lists, and ORC's with 6 bytes to each address. A recipe has only
 * the edits to what so follows.
 */
export interface Row {
  address: Address32;
  /** Bytes beside it; the same length in all rows of a table. */
  payload: Uint8Array;
}

/**
 * Rows of the base, carried to where the copies put what they point at; in the copies' order.
 * @throws recipe-malformed when there are more than a table can have
 */
export function carry(
  base: KernelImage,
  flavour: Pick<KernelImage, 'loaded'>,
  copies: readonly Copy[],
  rows: readonly Row[],
): Row[] {
  const addresses = Uint32Array.from(rows, ({ address }) => address);
  const carried: Row[] = [];
  for (const copy of copies) {
    const at = addressesOf(base, flavour, copy);
    if (!at) continue;
    const end = at.from + copy.size;
    const first = firstFrom(addresses, at.from);
    for (let i = first; i < rows.length; i++) {
      const { address, payload } = rows[i]!;
      if (address >= end) break;
      if (i - first >= mostAlike * copy.size) {
        throw recipeErrors.malformed({ why: 'a table with too many rows of one address' });
      }
      carried.push({ address: (address + at.shift) >>> 0, payload });
    }
  }
  return carried;
}

/** The rows of an ORC table. */
export function orcRows(image: KernelImage, table: OrcTable, tableAddress: Address32): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i < table.count; i++) {
    const address = orcAddress(image.view, table, tableAddress, i);
    const at = table.entries + 6 * i;
    rows.push({ address, payload: image.bytes.subarray(at, at + 6) });
  }
  return rows;
}

export function writeOrcRows(
  out: Uint8Array,
  table: OrcTable,
  tableAddress: Address32,
  rows: readonly Row[],
): void {
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  rows.forEach(({ address, payload }, i) => {
    view.setUint32(table.ip + 4 * i, (address - tableAddress - 4 * i) >>> 0, true);
    out.set(payload, table.entries + 6 * i);
  });
}
