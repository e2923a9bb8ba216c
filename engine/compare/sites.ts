import type { Bytes } from '../units.js';
import { lastNotAbove, type SignedAddress } from '../kernel/address.js';
import { firstFieldFrom } from './fields.js';
import type { Side } from './side.js';

/** Patch sites of one family: ranges of code that the kernel rewrites at boot, ascending. */
export interface SiteTable {
  length: number;
  start: Float64Array<ArrayBuffer>;
  end: Float64Array<ArrayBuffer>;
}

export interface PatchSites {
  paravirt: SiteTable;
  alternative: SiteTable;
  staticKey: SiteTable;
}

/**
 * Reads where a kernel's patch sites are: `.parainstructions` (struct
 * paravirt_patch_site), `.altinstructions` (struct alt_instr) and the jump
 * table (struct jump_entry). The addresses come from the tables' relocated
 * fields, so that a stripped of relocations kernel has none.
 */
export function readPatchSites(side: Side): PatchSites {
  return {
    paravirt: siteTable(paravirtSites(side)),
    alternative: siteTable(alternativeSites(side)),
    staticKey: siteTable(staticKeySites(side)),
  };
}

type Range = readonly [start: SignedAddress, size: Bytes];

function siteTable(sites: Range[]): SiteTable {
  sites.sort(([a], [b]) => a - b);
  return {
    length: sites.length,
    start: Float64Array.from(sites, ([start]) => start),
    end: Float64Array.from(sites, ([start, size]) => start + size),
  };
}

/** Whether some byte of a range belongs to a site. */
export function touchesSite(sites: SiteTable, from: SignedAddress, end: SignedAddress): boolean {
  const last = lastNotAbove(sites.start, sites.length, end - 1);
  return last >= 0 && sites.end[last]! > from;
}

/** A table in the image: its bytes and where they are. */
interface Table {
  bytes: Uint8Array;
  start: SignedAddress;
}

function sectionTable({ image }: Side, name: string): Table | undefined {
  const section = image.sections.find((s) => s.name === name);
  return section && { bytes: section.bytes, start: section.start };
}

/** The table between two labels of the linker script. */
function labelledTable({ image, places }: Side, from: string, to: string): Table | undefined {
  const { labels } = places;
  const start = labels.start[labels.name.indexOf(from)];
  const end = labels.start[labels.name.indexOf(to)];
  if (start === undefined || end === undefined) return undefined;
  const section = image.sections.find((s) => start >= s.start && end <= s.start + s.size);
  return (
    section && { bytes: section.bytes.subarray(start - section.start, end - section.start), start }
  );
}

/** Entries of a table by their first field: where the entry begins, and where the field leads. */
function* entries(
  { fields }: Side,
  { bytes, start }: Table,
  size: Bytes,
): Generator<[offset: Bytes, target: SignedAddress]> {
  const end = start + bytes.length;
  for (let i = firstFieldFrom(fields, start); i < fields.length && fields.start[i]! < end; i++) {
    const offset = fields.start[i]! - start;
    if (offset % size === 0) yield [offset, fields.target[i]!];
  }
}

/** `{ u8 *instr; u8 type; u8 len; }`, aligned to a pointer. */
function paravirtSites(side: Side): Range[] {
  const table = sectionTable(side, '.parainstructions');
  if (!table) return [];
  const pointer = side.image.width / 8;
  return Array.from(entries(side, table, 2 * pointer), ([offset, target]): Range => [
    target,
    table.bytes[offset + pointer + 1] ?? 0,
  ]);
}

/**
 * `{ s32 instr_offset; s32 repl_offset; ... u8 instrlen; u8 replacementlen; }`:
 * 12 bytes in Linux 6.1, 14 since 6.3; with a `padlen` behind, 13, until 5.10.
 * The distance between entries tells which.
 */
function alternativeSites(side: Side): Range[] {
  const table = sectionTable(side, '.altinstructions');
  if (!table) return [];
  const { fields } = side;
  const first = firstFieldFrom(fields, table.start);
  const size = (fields.start[first + 2] ?? 0) - (fields.start[first] ?? 0);
  const lengthAt = { 12: 10, 13: 10, 14: 12 }[size];
  if (lengthAt === undefined) return [];
  return Array.from(entries(side, table, size), ([offset, target]): Range => [
    target,
    table.bytes[offset + lengthAt] ?? 0,
  ]);
}

/** `{ s32 code; s32 target; long key; }`; a site is a jump or a nop of 2 or 5 bytes. */
function staticKeySites(side: Side): Range[] {
  const table =
    labelledTable(side, '__start___jump_table', '__stop___jump_table') ??
    sectionTable(side, '__jump_table');
  if (!table) return [];
  const size = side.image.width === 64 ? 16 : 12;
  return Array.from(entries(side, table, size), ([, target]): Range => [target, 2]);
}
