import type { FileOffset } from '../units.js';
import { mapAddress, type AddressMap } from './address-map.js';
import { addressesOf, type Copy } from './copies.js';
import {
  absolute32,
  absolute64,
  dataRelative,
  fieldTarget,
  fieldValue,
  fieldWidth,
  listedAddresses,
  relative,
  scanCode,
  targetRanges,
  type TargetRanges,
} from './fields.js';
import type { Address32, KernelImage } from './image.js';

/** Where a base has address fields, ready for looking up. */
export interface FieldLists {
  targets: TargetRanges;
  /** Addresses, as the relocation table has them: ascending. */
  absolute64: Uint32Array;
  absolute32: Uint32Array;
  /** PC-relative fields of data: offsets in the file, ascending. */
  data: Uint32Array;
}

export function fieldLists(base: KernelImage, data: Uint32Array): FieldLists {
  return {
    targets: targetRanges(base),
    absolute64: listedAddresses(base, base.relocations.abs64),
    absolute32: listedAddresses(base, base.relocations.abs32),
    data,
  };
}

/** A field of a copied piece. */
export interface CopiedField {
  kind: number;
  /** Where the base has it. */
  from: FileOffset;
  /** Where the flavour has it, and at which address. */
  to: FileOffset;
  address: Address32;
  /** What it leads to in the base. */
  target: Address32;
}

/**
 * Visits the address fields of a copy that lie in it as a whole: those of code
 * in the order of the scan, then absolute ones of 64 and of 32 bits, then
 * data's. One may be visited twice, as two kinds; the later counts.
 */
export function visitFields(
  base: KernelImage,
  flavour: Pick<KernelImage, 'loaded'>,
  lists: FieldLists,
  copy: Copy,
  visit: (field: CopiedField) => void,
): void {
  const addresses = addressesOf(base, flavour, copy);
  if (!addresses) return;
  const end = copy.from + copy.size;
  const send = (kind: number, from: FileOffset, target: Address32): void => {
    const inside = from - copy.from;
    visit({ kind, from, to: copy.to + inside, address: (addresses.to + inside) >>> 0, target });
  };
  for (const range of base.code) {
    const from = Math.max(copy.from, range.offset);
    const to = Math.min(end, range.offset + range.size);
    const address = (addresses.from + from - copy.from) >>> 0;
    scanCode(base, lists.targets, from, to, address, (at, target) => send(relative, at, target));
  }
  const listed = (kind: number, list: Uint32Array, before: number): void => {
    for (let i = firstFrom(list, before); i < list.length; i++) {
      const inside = list[i]! - before;
      if (inside < 0 || inside + fieldWidth(kind) > copy.size) break;
      const at = copy.from + inside;
      const address = (addresses.from + inside) >>> 0;
      send(kind, at, fieldTarget(kind, address, base.view.getUint32(at, true)));
    }
  };
  listed(absolute64, lists.absolute64, addresses.from);
  listed(absolute32, lists.absolute32, addresses.from);
  listed(dataRelative, lists.data, copy.from);
}

/** The first index whose value is not below. */
export function firstFrom(ascending: Uint32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Makes the copies and sets their address fields as the map says, but for a
 * number that `fix` adds to a target. What is between the copies stays as it is.
 */
export function copyAndPredict(
  base: KernelImage,
  out: Uint8Array,
  flavour: Pick<KernelImage, 'loaded'>,
  lists: FieldLists,
  copies: readonly Copy[],
  map: AddressMap,
  fix: (field: CopiedField, mapped: Address32) => number,
): void {
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  for (const copy of copies) {
    out.set(base.bytes.subarray(copy.from, copy.from + copy.size), copy.to);
    visitFields(base, flavour, lists, copy, (field) => {
      const mapped = mapAddress(map, field.target);
      const target = (mapped + fix(field, mapped)) >>> 0;
      view.setUint32(field.to, fieldValue(field.kind, field.address, target), true);
    });
  }
}
