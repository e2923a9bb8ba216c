import { addressText, type SignedAddress } from '../../kernel/address.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { bytesAt, type PatchKernel } from '../kernel.js';
import type {
  FinalData,
  IndexIntoSiteTable,
  PatchFamily,
  PatchedText,
  SiteResolver,
  SiteTable,
  Target,
} from '../types.js';
import { entriesOf, isEntryOf, type EntryFormat } from './entries.js';
import { findTable, type TableBytes } from './find-table.js';
import {
  jumpOpcode,
  nearBranch,
  nop2,
  nop5,
  sameBytes,
  shortJump,
  shortJumpOpcode,
  viewOf,
} from './instructions.js';
import {
  currentBytes,
  dataName,
  isCode,
  isData,
  refuseOverlaps,
  refuseShape,
  siteColumns,
  staysInText,
} from './site-rows.js';

/** `__jump_table`: where code branches on a static key. */
export interface StaticKeySites extends SiteTable {
  /** Where the jump leads. */
  target: Float64Array;
  /** struct static_key. */
  key: Float64Array;
  /** 1 for static_branch_likely(): the site jumps while the key is disabled. */
  branch: Uint8Array;
}

/** struct jump_entry: s32 code, s32 target, long key, each counted from itself. */
const entrySize: Bytes = 16;

/** Low bits of `key`: 1 is `branch`, 2 says `init` at run time, and how objtool was asked to work. */
const keyFlags = 3n;

interface Entry {
  code: SignedAddress;
  target: SignedAddress;
  key: SignedAddress;
  branch: boolean;
}

function entryAt({ start, bytes }: TableBytes, at: Bytes): Entry {
  const view = viewOf(bytes, at);
  const here = start + at;
  const key = view.getBigInt64(8, true);
  return {
    code: here + view.getInt32(0, true),
    target: here + 4 + view.getInt32(4, true),
    key: here + 8 + Number(key & ~keyFlags),
    branch: (key & 1n) !== 0n,
  };
}

/** Why an entry is none, or undefined when it is one. */
function problem({ sections }: PatchKernel, { code, target, key }: Entry): string | undefined {
  if (!isCode(sections, code, 2)) return `its site ${place(code)} is outside of the code`;
  if (!isCode(sections, target, 1)) return `its target ${place(target)} is outside of the code`;
  if (!isData(sections, key)) return `its key ${place(key)} is outside of the data`;
  return undefined;
}

/** In messages: what a damaged table gives may be no address at all. */
function place(address: number): string {
  return Number.isSafeInteger(address) ? addressText(address) : String(address);
}

function read(kernel: PatchKernel): StaticKeySites | undefined {
  const section = '__jump_table';
  const format: EntryFormat<Entry> = {
    ...{ section, entrySize, entryAt },
    problem: (entry) => problem(kernel, entry),
  };
  const table = findTable(kernel, {
    ...{ section, entrySize, start: '__start___jump_table', end: '__stop___jump_table' },
    ...{ walker: 'jump_label_init', isEntry: isEntryOf(format) },
  });
  if (!table) return undefined;
  const entries = entriesOf(format, table);
  const sites: StaticKeySites = {
    ...siteColumns(entries.length, table.start, entrySize),
    target: Float64Array.from(entries, ({ entry }) => entry.target),
    key: Float64Array.from(entries, ({ entry }) => entry.key),
    branch: Uint8Array.from(entries, ({ entry }) => Number(entry.branch)),
  };
  entries.forEach(({ entry }, i) => {
    sites.address[i] = entry.code;
    sites.size[i] = sizeAt(kernel, entry);
  });
  refuseOverlaps(section, sites);
  return sites;
}

/**
 * 2 or 5 bytes, by the instruction that is there: the assembler chose the jump, and objtool made
 * a NOP of the same size of some. As the kernel does (arch_jump_entry_size()).
 */
function sizeAt({ sections }: PatchKernel, { code, target }: Entry): Bytes {
  const section = sections[sectionAt(sections, code)]!;
  const bytes = section.bytes.subarray(code - section.start, code - section.start + 5);
  for (const size of [2, 5]) {
    const found = bytes.subarray(0, size);
    const { nop, jump } = shapes(code, target, size);
    if (sameBytes(found, nop) || sameBytes(found, jump)) return size;
  }
  return refuseShape('static-key', code, bytes, expected);
}

const expected = 'a jump to its target or a NOP of 2 or 5 bytes';

function shapes(from: SignedAddress, to: SignedAddress, size: Bytes) {
  if (size === 5) return { nop: nop5, jump: nearBranch(jumpOpcode, from, to) };
  const distance = to - from - 2;
  const inReach = distance >= -128 && distance <= 127;
  return { nop: nop2, jump: inReach ? shortJump(from, to) : Uint8Array.of(shortJumpOpcode) };
}

/** static_key_enabled(): negative while it is being enabled. */
function isEnabled(count: number): boolean {
  return count !== 0;
}

function resolver(target: Target, sites: StaticKeySites, text: PatchedText): SiteResolver {
  const { kernel } = text;
  const enabled = new Map<SignedAddress, boolean>();
  return (i) => {
    const [address, key, size] = [sites.address[i]!, sites.key[i]!, sites.size[i]!];
    if (!staysInText(kernel, address)) return;
    if (!enabled.has(key)) enabled.set(key, isEnabled(enabledIn(target, key)));
    const { nop, jump } = shapes(address, sites.target[i]!, size);
    const now = currentBytes(text, sites, i);
    if (!sameBytes(now, nop) && !sameBytes(now, jump)) {
      refuseShape('static-key', address, now, expected);
    }
    const jumps = enabled.get(key)! !== (sites.branch[i] === 1);
    if (jumps && jump.length !== size) refuseShape('static-key', address, now, 'a jump in reach');
    text.put(address, jumps ? jump : nop, { family: 'static-key', index: i });
  };
}

/** static_key.enabled is an int, first of all. */
const enabledSize: Bytes = 4;

function enabledIn({ memory }: Target, key: SignedAddress): number {
  return viewOf(memory.read(key, enabledSize, 'a static key')).getInt32(0, true);
}

/**
 * Keys whose state at the end is not the one that the file begins with. An enabled one begins
 * with 1: static_key_enable() finds it done, and counting goes on from there.
 */
function finalData(kernel: PatchKernel, target: Target, sites: StaticKeySites): FinalData[] {
  const found = new Map<SignedAddress, FinalData>();
  for (let i = 0; i < sites.length; i++) {
    const key = sites.key[i]!;
    if (found.has(key) || !staysInText(kernel, sites.address[i]!)) continue;
    const subject = dataName(kernel, key);
    const inFile = hasBytes(kernel, key);
    const before = inFile ? initially(kernel, key) : 0;
    const after = enabledIn(target, key);
    if (isEnabled(before) === isEnabled(after)) continue;
    const bytes = Uint8Array.of(Number(isEnabled(after)), 0, 0, 0);
    found.set(key, { subject, address: key, bytes, what: 'static_key.enabled', inFile });
  }
  return [...found.values()];
}

function hasBytes({ sections }: PatchKernel, key: SignedAddress): boolean {
  return (sections[sectionAt(sections, key)]?.bytes.length ?? 0) > 0;
}

function initially(kernel: PatchKernel, key: SignedAddress): number {
  return viewOf(bytesAt(kernel, key, enabledSize, 'a static key')).getInt32(0, true);
}

function describe(kernel: PatchKernel, sites: StaticKeySites, i: IndexIntoSiteTable): string {
  return dataName(kernel, sites.key[i]!);
}

/** static_branch_likely() and static_branch_unlikely(): a jump or a NOP, by the state of a key. */
export const staticKey: PatchFamily<StaticKeySites> = {
  name: 'static-key',
  summary: 'branches on static keys: a jump or a NOP',
  learntFrom: [
    'kernel/jump_label.c',
    'arch/x86/kernel/jump_label.c',
    'include/linux/jump_label.h',
    'arch/x86/include/asm/jump_label.h',
  ],
  support: { '6.1': 'proved', '6.12': 'listed' },
  ...{ read, describe, resolver, finalData },
};
