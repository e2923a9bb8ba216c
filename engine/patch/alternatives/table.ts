import { addressText, type SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import { findBootTable, malformed } from '../families/boot-table.js';
import type { TableBytes } from '../families/find-table.js';
import { viewOf } from '../families/instructions.js';
import { entryCount, isCode, siteColumns } from '../families/site-rows.js';
import type { PatchKernel } from '../kernel.js';
import { featureLimit } from '../target/capability-words.js';
import type { SiteTable } from '../types.js';

/** `.altinstructions`: code that a feature of the processor, or its absence, replaces. */
export interface AlternativeSites extends SiteTable {
  replacement: Float64Array;
  replacementSize: Uint8Array;
  feature: Uint16Array;
  /** ALT_FLAG_NOT and ALT_FLAG_DIRECT_CALL. */
  flags: Uint16Array;
  /** Which of the layouts of struct alt_instr the table has. */
  layout: Layout;
}

/** Replace where the feature is absent. Until Linux 6.2 it is bit 15 of the number. */
export const flagNot = 1;
/** Since Linux 6.8: the site is an indirect call, and becomes a direct one. */
export const flagDirectCall = 2;

/** struct alt_instr of asm/alternative.h has had three sizes. */
export type Layout = (typeof layouts)[number];

const layouts = [
  { entrySize: 12, since: '5.13', read: read12 },
  { entrySize: 14, since: '6.3', read: read14 },
  { entrySize: 13, since: '4.0', read: read13 },
] as const;

interface Entry {
  address: SignedAddress;
  size: Bytes;
  replacement: SignedAddress;
  replacementSize: Bytes;
  feature: number;
  flags: number;
}

/** s32 instr, s32 repl, u16 cpuid, u8 instrlen, u8 replacementlen */
function read12({ start, bytes }: TableBytes, at: Bytes): Entry {
  const cpuid = viewOf(bytes).getUint16(at + 8, true);
  const flags = cpuid & 0x8000 ? flagNot : 0;
  return { ...places({ start, bytes }, at, at + 10), feature: cpuid & 0x7fff, flags };
}

/** s32 instr, s32 repl, u16 cpuid, u16 flags, u8 instrlen, u8 replacementlen */
function read14({ start, bytes }: TableBytes, at: Bytes): Entry {
  const view = viewOf(bytes);
  const [feature, flags] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  return { ...places({ start, bytes }, at, at + 12), feature, flags };
}

/** s32 instr, s32 repl, u16 cpuid, u8 instrlen, u8 replacementlen, u8 padlen */
function read13({ start, bytes }: TableBytes, at: Bytes): Entry {
  return read12({ start, bytes }, at);
}

function places({ start, bytes }: TableBytes, at: Bytes, sizes: Bytes) {
  const view = viewOf(bytes);
  return {
    address: start + at + view.getInt32(at, true),
    replacement: start + at + 4 + view.getInt32(at + 4, true),
    size: bytes[sizes]!,
    replacementSize: bytes[sizes + 1]!,
  };
}

/** Why an entry is none, or undefined when it is one. */
function problem({ sections }: PatchKernel, limit: number, entry: Entry): string | undefined {
  const { address, size, replacement, replacementSize, feature, flags } = entry;
  if (size === 0) return 'its site has no bytes';
  if (!isCode(sections, address, size)) {
    return `its site ${addressText(address)} (${size} bytes) is outside of the code`;
  }
  if (replacementSize > size) {
    return `its replacement (${replacementSize} bytes) is longer than its site (${size} bytes)`;
  }
  if (replacementSize > 0 && !isCode(sections, replacement, replacementSize)) {
    return `its replacement ${addressText(replacement)} is outside of the code`;
  }
  if (feature >= limit) return `feature ${feature} is out of range (${limit})`;
  if (flags & ~(flagNot | flagDirectCall)) return `flags ${flags} are unknown`;
  return undefined;
}

/**
 * Reads all alternatives of a kernel, in the kernel's order. Undefined where it has none.
 * @throws patch-table-malformed, patch-table-unknown, patch-outside
 */
export function readAlternatives(kernel: PatchKernel): AlternativeSites | undefined {
  const limit = featureLimit(kernel);
  for (const layout of layouts) {
    const table = findBootTable(kernel, {
      ...{ section, start: '__alt_instructions', end: '__alt_instructions_end' },
      ...{ of: 'apply_alternatives', entrySize: layout.entrySize },
      isEntry: (candidate, at) => problem(kernel, limit, layout.read(candidate, at)) === undefined,
    });
    if (!table) return undefined;
    const isWhole = table.bytes.length % layout.entrySize === 0;
    if (isWhole && misfits(kernel, limit, table, layout).next().done === true) {
      return columnsOf(table, layout);
    }
  }
  return explainMisfit(kernel, limit);
}

const section = '.altinstructions';

/** Entries that make no sense in a layout, by their place in the table. */
function* misfits(
  kernel: PatchKernel,
  limit: number,
  table: TableBytes,
  { entrySize, read }: Layout,
): Generator<{ at: Bytes; why: string }> {
  for (let at = 0; at + entrySize <= table.bytes.length; at += entrySize) {
    const why = problem(kernel, limit, read(table, at));
    if (why !== undefined) yield { at, why };
  }
}

/** Blames the first entry that does not fit the layout that the most of the table fits. */
function explainMisfit(kernel: PatchKernel, limit: number): never {
  const table = findBootTable(kernel, {
    ...{ section, start: '__alt_instructions', end: '__alt_instructions_end' },
    ...{ of: 'apply_alternatives', entrySize: 1, isEntry: () => true },
  })!;
  const tried = layouts.map((layout) => {
    const bad = [...misfits(kernel, limit, table, layout)];
    const count = Math.max(1, Math.floor(table.bytes.length / layout.entrySize));
    return { layout, bad, share: bad.length / count };
  });
  const { layout, bad } = tried.reduce((a, b) => (b.share < a.share ? b : a));
  const [first] = bad;
  if (first) return malformed(section, table.start + first.at, first.why);
  entryCount(section, table, layout.entrySize);
  return malformed(section, table.start, 'it fits no layout of struct alt_instr');
}

function columnsOf(table: TableBytes, layout: Layout): AlternativeSites {
  const length = table.bytes.length / layout.entrySize;
  const sites: AlternativeSites = {
    ...siteColumns(length, table.start, layout.entrySize),
    replacement: new Float64Array(length),
    replacementSize: new Uint8Array(length),
    feature: new Uint16Array(length),
    flags: new Uint16Array(length),
    layout,
  };
  for (let i = 0; i < length; i++) {
    const entry = layout.read(table, i * layout.entrySize);
    sites.address[i] = entry.address;
    sites.size[i] = entry.size;
    sites.replacement[i] = entry.replacement;
    sites.replacementSize[i] = entry.replacementSize;
    sites.feature[i] = entry.feature;
    sites.flags[i] = entry.flags;
  }
  refusePartialOverlaps(sites);
  if (layout.entrySize === 14) shareLongestSize(sites);
  return sites;
}

/**
 * Since Linux 6.4, entries of one site that follow each other are all as long as the longest: the
 * outer one of nested alternatives may have more padding.
 */
function shareLongestSize({ length, address, size }: AlternativeSites): void {
  for (let start = 0, end: number; start < length; start = end) {
    let longest = size[start]!;
    for (end = start + 1; end < length && address[end] === address[start]; end++) {
      longest = Math.max(longest, size[end]!);
    }
    size.fill(longest, start, end);
  }
}

/**
 * Entries of one site begin at one address, or lie wholly inside of a longer one (an ALTERNATIVE in
 * the code of another). Sites that share some bytes only are the work of no assembler.
 */
function refusePartialOverlaps(sites: AlternativeSites): void {
  const { address, size } = sites;
  const order = Uint32Array.from({ length: sites.length }, (_, i) => i).sort(
    (a, b) => address[a]! - address[b]! || size[b]! - size[a]!,
  );
  const open: number[] = [];
  for (const here of order) {
    const end = address[here]! + size[here]!;
    while (open.length > 0 && endOf(open.at(-1)!) <= address[here]!) open.pop();
    const around = open.at(-1);
    if (around !== undefined && endOf(around) < end) {
      const other = addressText(sites.entry[around]!);
      const site = addressText(address[here]!);
      malformed(
        section,
        sites.entry[here]!,
        `its site ${site} overlaps that of the entry at ${other}`,
      );
    }
    open.push(here);
  }
  function endOf(row: number): SignedAddress {
    return address[row]! + size[row]!;
  }
}

/** The rows that a family takes. */
export function selectAlternatives(
  sites: AlternativeSites,
  wanted: (index: number) => boolean,
): AlternativeSites {
  const rows = Array.from({ length: sites.length }, (_, i) => i).filter(wanted);
  const doubles = (column: Float64Array) => Float64Array.from(rows, (i) => column[i]!);
  const bytes = (column: Uint8Array) => Uint8Array.from(rows, (i) => column[i]!);
  const words = (column: Uint16Array) => Uint16Array.from(rows, (i) => column[i]!);
  return {
    length: rows.length,
    address: doubles(sites.address),
    size: bytes(sites.size),
    entry: doubles(sites.entry),
    replacement: doubles(sites.replacement),
    replacementSize: bytes(sites.replacementSize),
    feature: words(sites.feature),
    flags: words(sites.flags),
    layout: sites.layout,
  };
}
