import { addressText, type SignedAddress } from '../../kernel/address.js';
import type { NameTable } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';
import type { SiteTable } from '../types.js';
import { entriesOf, isEntryOf, type EntryFormat } from './entries.js';
import { findTable, type TableBytes } from './find-table.js';
import {
  callOpcode,
  isConditionalJump,
  jumpOpcode,
  nearTarget,
  returnOpcode,
  sameBytes,
  viewOf,
} from './instructions.js';
import { isCode, isData, refuseOverlaps, refuseShape, siteColumns } from './site-rows.js';

/**
 * `.static_call_sites`, then the trampolines that its sites call: a trampoline is rewritten as
 * well whenever the call is given another function.
 */
export interface StaticCallSites extends SiteTable {
  /** struct static_call_key. */
  key: Float64Array;
  /** The call's trampoline; the row's own address for a trampoline. */
  trampoline: Float64Array;
  /** Index into `siteKinds`. */
  kind: Uint8Array;
}

export const siteKinds = ['call', 'tail-call', 'conditional-tail-call', 'trampoline'] as const;

export type SiteKind = (typeof siteKinds)[number];

/** struct static_call_site: s32 addr, s32 key, each counted from itself. */
const entrySize: Bytes = 8;

/** STATIC_CALL_SITE_TAIL; 2, STATIC_CALL_SITE_INIT, is set at boot. */
const tailFlag = 1;
const flags = 3;

/** ud1 %esp,%ecx, which stands behind the instruction of every trampoline. */
const trampolineMark = Uint8Array.of(0x0f, 0xb9, 0xcc);

interface Entry {
  address: SignedAddress;
  key: SignedAddress;
  isTail: boolean;
}

function entryAt({ start, bytes }: TableBytes, at: Bytes): Entry {
  const view = viewOf(bytes, at);
  const key = start + at + 4 + view.getInt32(4, true);
  const low = key - 4 * Math.floor(key / 4);
  return {
    address: start + at + view.getInt32(0, true),
    key: key - (low & flags),
    isTail: (low & tailFlag) !== 0,
  };
}

function problem({ sections }: PatchKernel, { address, key }: Entry): string | undefined {
  if (!isCode(sections, address, 5)) {
    return `its site ${addressText(address)} is outside of the code`;
  }
  if (!isData(sections, key)) return `its key ${addressText(key)} is outside of the data`;
  return undefined;
}

const tableName = '.static_call_sites';

interface Row {
  address: SignedAddress;
  size: Bytes;
  entry: SignedAddress;
  key: SignedAddress;
  trampoline: SignedAddress;
  kind: SiteKind;
}

/** @throws patch-table-malformed, patch-table-unknown, patch-shape-unknown, patch-outside */
export function readStaticCalls(kernel: PatchKernel): StaticCallSites | undefined {
  const format: EntryFormat<Entry> = {
    ...{ section: tableName, entrySize, entryAt },
    problem: (entry) => problem(kernel, entry),
  };
  const table = findTable(kernel, {
    ...{ section: tableName, entrySize, walker: 'static_call_init' },
    ...{ start: '__start_static_call_sites', end: '__stop_static_call_sites' },
    isEntry: isEntryOf(format),
  });
  if (!table) return undefined;
  const rows: Row[] = [];
  const trampolines = new Map<SignedAddress, Row>();
  for (const { entry, at } of entriesOf(format, table)) {
    const row = siteRow(kernel, entry, at);
    const { trampoline } = row;
    rows.push(row);
    if (trampolines.has(trampoline)) continue;
    trampolines.set(trampoline, trampolineRow(kernel, trampoline, entry.key, at));
  }
  for (const [address, key] of namedTrampolines(kernel.names)) {
    if (trampolines.has(address) || !isTrampoline(kernel, address)) continue;
    trampolines.set(address, trampolineRow(kernel, address, key, address));
  }
  const sites = columns([...rows, ...trampolines.values()]);
  refuseOverlaps(tableName, sites);
  return sites;
}

/** A site as the linker left it: it calls or jumps to the call's trampoline. */
function siteRow(kernel: PatchKernel, { address, key, isTail }: Entry, entry: SignedAddress): Row {
  const bytes = codeBytes(kernel, address, 6);
  const [kind, size]: [SiteKind, Bytes] = !isTail
    ? ['call', 5]
    : isConditionalJump(bytes)
      ? ['conditional-tail-call', 6]
      : ['tail-call', 5];
  const instruction = bytes.subarray(0, size);
  const isBranch =
    kind === 'conditional-tail-call' || bytes[0] === (isTail ? jumpOpcode : callOpcode);
  const trampoline =
    isBranch && instruction.length === size ? nearTarget(address, instruction) : NaN;
  if (!isTrampoline(kernel, trampoline)) {
    const what = isTail ? 'a jump to a trampoline' : 'a call of a trampoline';
    refuseShape('static-call', address, bytes, what);
  }
  return { address, size, entry, key, trampoline, kind };
}

function trampolineRow(
  kernel: PatchKernel,
  address: SignedAddress,
  key: SignedAddress,
  entry: SignedAddress,
): Row {
  const bytes = codeBytes(kernel, address, 5);
  if (bytes[0] !== jumpOpcode && bytes[0] !== returnOpcode) {
    refuseShape('static-call', address, bytes, 'the jump or ret of a trampoline');
  }
  return { address, size: 5, entry, key, trampoline: address, kind: 'trampoline' };
}

function isTrampoline(kernel: PatchKernel, address: SignedAddress): boolean {
  if (!Number.isInteger(address) || !isCode(kernel.sections, address, 8)) return false;
  return sameBytes(codeBytes(kernel, address, 8).subarray(5), trampolineMark);
}

/** Trampolines that no site of the kernel itself calls: for modules, or for calls before patching. */
function* namedTrampolines(
  names: NameTable,
): Generator<[trampoline: SignedAddress, key: SignedAddress]> {
  for (const [name, row] of names.row) {
    if (!name.startsWith('__SCT__')) continue;
    const key = names.row.get(`__SCK__${name.slice('__SCT__'.length)}`);
    if (key !== undefined) yield [names.start[row]!, names.start[key]!];
  }
}

function columns(rows: readonly Row[]): StaticCallSites {
  const sites: StaticCallSites = {
    ...siteColumns(rows.length, 0, 0),
    key: Float64Array.from(rows, ({ key }) => key),
    trampoline: Float64Array.from(rows, ({ trampoline }) => trampoline),
    kind: Uint8Array.from(rows, ({ kind }) => siteKinds.indexOf(kind)),
  };
  rows.forEach(({ address, size, entry }, i) => {
    sites.address[i] = address;
    sites.size[i] = size;
    sites.entry[i] = entry;
  });
  return sites;
}

/** As many bytes of code as there are. */
function codeBytes({ sections }: PatchKernel, address: SignedAddress, size: Bytes): Uint8Array {
  const section = sections[sectionAt(sections, address)]!;
  return section.bytes.subarray(address - section.start, address - section.start + size);
}
