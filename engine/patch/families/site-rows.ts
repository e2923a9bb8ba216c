import { patchErrors } from '../../errors/patch.js';
import { addressText, type SignedAddress } from '../../kernel/address.js';
import { nameOfAddress } from '../../kernel/names.js';
import { sectionAt, type LoadedSection } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';
import type { FamilyName, IndexIntoSiteTable, PatchedText, SiteTable } from '../types.js';

/** Number of entries of a table. @throws patch-table-malformed when its size is no multiple */
export function entryCount(
  table: string,
  { start, bytes }: { start: SignedAddress; bytes: Uint8Array },
  entrySize: Bytes,
): number {
  const rest = bytes.length % entrySize;
  if (rest === 0) return bytes.length / entrySize;
  const entry = addressText(start + bytes.length - rest);
  throw patchErrors.tableMalformed({
    table,
    entry,
    why: `${rest} of ${entrySize} bytes are there`,
  });
}

/** The columns that all families share, for `length` entries of equal size. */
export function siteColumns(length: number, start: SignedAddress, entrySize: Bytes) {
  return {
    length,
    address: new Float64Array(length),
    size: new Uint8Array(length),
    entry: Float64Array.from({ length }, (_, i) => start + i * entrySize),
  };
}

/** Whether all of a range is code that the file has bytes for. */
export function isCode(
  sections: readonly LoadedSection[],
  address: SignedAddress,
  size: Bytes,
): boolean {
  const section = sections[sectionAt(sections, address)];
  if (!section?.executable) return false;
  return address + size <= section.start + section.bytes.length;
}

/** Whether an address is in a section that is no code. */
export function isData(sections: readonly LoadedSection[], address: SignedAddress): boolean {
  return sections[sectionAt(sections, address)]?.executable === false;
}

/** Whether the code stays after boot: the kernel frees what is outside of `_stext` to `_etext`. */
export function staysInText({ text }: PatchKernel, address: SignedAddress): boolean {
  return address >= text.start && address < text.end;
}

/**
 * The bytes at a site of code that the family is about to rewrite; for sites whose shape was not
 * known before they were read, as much as there is of `size`.
 */
export function currentBytes(text: PatchedText, sites: SiteTable, i: IndexIntoSiteTable) {
  return text.get(sites.address[i]!, sites.size[i]!);
}

/** @throws patch-table-malformed where two sites share a byte */
export function refuseOverlaps(table: string, sites: SiteTable): void {
  const order = Uint32Array.from({ length: sites.length }, (_, i) => i).sort(
    (a, b) => sites.address[a]! - sites.address[b]!,
  );
  for (let i = 1; i < order.length; i++) {
    const [before, here] = [order[i - 1]!, order[i]!];
    if (sites.address[before]! + sites.size[before]! <= sites.address[here]!) continue;
    throw patchErrors.tableMalformed({
      table,
      entry: addressText(sites.entry[here]!),
      why: `its site ${addressText(sites.address[here]!)} overlaps that of the entry at ${addressText(sites.entry[before]!)}`,
    });
  }
}

/** @throws always: patch-shape-unknown */
export function refuseShape(
  family: FamilyName,
  address: SignedAddress,
  bytes: Uint8Array,
  expected: string,
): never {
  throw patchErrors.shapeUnknown({ family, address: addressText(address), bytes, expected });
}

/**
 * `init_task+0x10`; `.data+0x1230` where no name of the same section is below, as in a kernel whose
 * kallsyms has functions only.
 */
export function dataName({ names, sections }: PatchKernel, address: SignedAddress): string {
  const section = sections[sectionAt(sections, address)];
  const place = nameOfAddress(names, address);
  const isNear = place && section && address - place.offset >= section.start;
  if (isNear && !section.executable) return withOffset(place.name, place.offset);
  if (!section) return addressText(address);
  return withOffset(section.name, address - section.start);
}

function withOffset(name: string, offset: Bytes): string {
  return offset === 0 ? name : `${name}+0x${offset.toString(16)}`;
}
