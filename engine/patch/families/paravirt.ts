import { addressText, type SignedAddress } from '../../kernel/address.js';
import { alternativeResolver } from '../alternatives/resolve.js';
import {
  flagDirectCall,
  readAlternatives,
  selectAlternatives,
  type AlternativeSites,
} from '../alternatives/table.js';
import { patchErrors } from '../../errors/patch.js';
import { addressOfName } from '../../kernel/names.js';
import type { Bytes } from '../../units.js';
import { bytesAt, type PatchKernel } from '../kernel.js';
import { fillWithNops, nopsOf } from '../nops.js';
import { pvOpsMember, pvOpsOf } from '../pv-ops.js';
import { earlyMembers } from '../target/early-pv-ops.js';
import type {
  IndexIntoSiteTable,
  PatchFamily,
  PatchedText,
  SiteResolver,
  SiteTable,
  Target,
} from '../types.js';
import { findBootTable, malformed } from './boot-table.js';
import { entriesOf, isEntryOf, type EntryFormat } from './entries.js';
import type { TableBytes } from './find-table.js';
import { callOpcode, nearBranch, viewOf } from './instructions.js';
import {
  currentBytes,
  dataName,
  isCode,
  isData,
  refuseOverlaps,
  refuseShape,
  siteColumns,
} from './site-rows.js';

/** Calls through pv_ops. */
export interface ParavirtSites extends SiteTable {
  /** The member of pv_ops that the site calls: where its pointer is. */
  slot: Float64Array;
  /** Since Linux 6.8, when they became alternatives; absent for `.parainstructions`. */
  alternatives?: AlternativeSites;
}

/** struct paravirt_patch_site: u8 *instr, u8 type, u8 len; type is the member's number. */
const entrySize: Bytes = 16;

/** `call rel32`. */
const directCallSize: Bytes = 5;

interface Entry {
  address: SignedAddress;
  type: number;
  size: Bytes;
}

function entryAt({ bytes }: TableBytes, at: Bytes): Entry {
  const address = Number(viewOf(bytes).getBigInt64(at, true));
  return { address, type: bytes[at + 8]!, size: bytes[at + 9]! };
}

/** Why an entry is none, or undefined when it is one. */
function problem(kernel: PatchKernel, { address, type, size }: Entry): string | undefined {
  if (size < directCallSize) return `its site has ${size} bytes, too few for a call`;
  if (!Number.isSafeInteger(address) || !isCode(kernel.sections, address, size)) {
    return `its site (${size} bytes) is outside of the code`;
  }
  const ops = pvOpsOf(kernel);
  if (ops && type * 8 >= ops.size) return `pv_ops has no member ${type}`;
  return undefined;
}

function formatOf(kernel: PatchKernel): EntryFormat<Entry> {
  const section = '.parainstructions';
  return { section, entrySize, entryAt, problem: (entry) => problem(kernel, entry) };
}

function read(kernel: PatchKernel): ParavirtSites | undefined {
  const format = formatOf(kernel);
  const table = findBootTable(kernel, {
    ...{ section: format.section, entrySize, of: 'apply_paravirt' },
    ...{ start: '__parainstructions', end: '__parainstructions_end' },
    isEntry: isEntryOf(format),
  });
  if (!table) return readDirectCalls(kernel);
  const entries = entriesOf(format, table);
  const sites = {
    ...siteColumns(entries.length, table.start, entrySize),
    slot: new Float64Array(entries.length),
  };
  const ops = pvOpsOf(kernel);
  entries.forEach(({ entry: { address, type, size }, at }, i) => {
    sites.address[i] = address;
    sites.size[i] = size;
    sites.slot[i] = slotOf(kernel, address, bytesAt(kernel, address, size, 'a paravirt site'));
    if (ops && sites.slot[i] !== ops.start + 8 * type) {
      malformed(format.section, at, `its site does not call member ${type}`);
    }
  });
  refuseOverlaps(format.section, sites);
  return sites;
}

/** Since Linux 6.8. */
function readDirectCalls(kernel: PatchKernel): ParavirtSites | undefined {
  const all = readAlternatives(kernel);
  if (!all) return undefined;
  const alternatives = selectAlternatives(all, (i) => (all.flags[i]! & flagDirectCall) !== 0);
  if (alternatives.length === 0) return undefined;
  refuseLateDirectCalls(all);
  const slot = Float64Array.from(alternatives.address, (address, i) =>
    slotOf(kernel, address, bytesAt(kernel, address, alternatives.size[i]!, 'a paravirt site')),
  );
  const { length, address, size, entry } = alternatives;
  return { length, address, size, entry, slot, alternatives };
}

/** A call can be made direct only while it is there: before other alternatives of the same site. */
function refuseLateDirectCalls({ length, address, flags, entry }: AlternativeSites): void {
  const replaced = new Set<SignedAddress>();
  for (let i = 0; i < length; i++) {
    if ((flags[i]! & flagDirectCall) === 0) replaced.add(address[i]!);
    else if (replaced.has(address[i]!)) {
      malformed('.altinstructions', entry[i]!, 'its call may have been replaced before');
    }
  }
}

/** `call *disp32(%rip)` or `call *disp32`: asm/paravirt_types.h has made both. */
function slotOf(kernel: PatchKernel, address: SignedAddress, code: Uint8Array): SignedAddress {
  const view = viewOf(code);
  let slot: SignedAddress | undefined;
  if (code.length === 6 && code[0] === 0xff && code[1] === 0x15) {
    slot = address + 6 + view.getInt32(2, true);
  } else if (code.length === 7 && code[0] === 0xff && code[1] === 0x14 && code[2] === 0x25) {
    slot = view.getInt32(3, true);
  }
  if (slot !== undefined && isData(kernel.sections, slot)) return slot;
  return refuseShape('paravirt', address, code, 'a call through pv_ops');
}

function describe(kernel: PatchKernel, { slot }: ParavirtSites, i: IndexIntoSiteTable): string {
  return pvOpsMember(kernel, slot[i]!) ?? dataName(kernel, slot[i]!);
}

function resolver(target: Target, sites: ParavirtSites, text: PatchedText): SiteResolver {
  return sites.alternatives
    ? directCallResolver(target, sites, sites.alternatives, text)
    : tableResolver(target, sites, text);
}

/** Members that the kernel calls before it applies the table, and that are something else then. */
function early(kernel: PatchKernel, { memory }: Target, sites: ParavirtSites): string[] {
  const members = earlyMembers(kernel, memory);
  const found = new Set<string>();
  for (let i = 0; i < sites.length; i++) {
    if (members.has(sites.slot[i]!)) found.add(describe(kernel, sites, i));
  }
  return [...found];
}

/** What is in a member of pv_ops on the target. */
function functionIn({ memory }: Target, slot: SignedAddress): SignedAddress {
  return Number(viewOf(memory.read(slot, 8, 'a member of pv_ops')).getBigInt64(0, true));
}

/** apply_paravirt() and paravirt_patch(): a direct call, or nothing where the function does nothing. */
function tableResolver(target: Target, sites: ParavirtSites, text: PatchedText): SiteResolver {
  const { kernel } = text;
  const nops = nopsOf(kernel, false);
  const nothing = needed(kernel, '_paravirt_nop');
  return (i) => {
    const address = sites.address[i]!;
    const now = currentBytes(text, sites, i);
    if (slotOf(kernel, address, now) !== sites.slot[i]) {
      refuseShape('paravirt', address, now, 'the call that the file has there');
    }
    const callee = functionIn(target, sites.slot[i]);
    const bytes = new Uint8Array(sites.size[i]!);
    const isCall = callee !== nothing;
    if (isCall) {
      const called = callee === 0 ? needed(kernel, 'paravirt_BUG') : callee;
      bytes.set(nearBranch(callOpcode, address, calledCode(kernel, sites, i, called)));
    }
    fillWithNops(nops, bytes.subarray(isCall ? directCallSize : 0));
    text.put(address, bytes, { family: 'paravirt', index: i });
  };
}

/** alt_replace_call(): the replacement is a call of BUG_func, whose distance is corrected. */
function directCallResolver(
  target: Target,
  sites: ParavirtSites,
  alternatives: AlternativeSites,
  text: PatchedText,
): SiteResolver {
  const { kernel } = text;
  const choice = alternativeResolver(kernel, target, alternatives, 'paravirt');
  const nothing = needed(kernel, 'nop_func');
  const bug = needed(kernel, 'BUG_func');
  return (i) => {
    const [address, from] = [sites.address[i]!, alternatives.replacement[i]!];
    let replacement: Uint8Array | undefined;
    if (choice.applies(alternatives, i)) {
      const call = text.get(from, alternatives.replacementSize[i]!);
      const now = currentBytes(text, sites, i);
      if (call.length !== directCallSize || call[0] !== callOpcode) {
        refuseShape('paravirt', from, call, 'a call as replacement');
      }
      if (slotOf(kernel, address, now) !== sites.slot[i] || now.length !== 6) {
        refuseShape('paravirt', address, now, 'the call that the file has there');
      }
      const callee = functionIn(target, sites.slot[i]) || bug;
      const distance = viewOf(call).getInt32(1, true) + calledCode(kernel, sites, i, callee) - bug;
      viewOf(call).setInt32(1, distance, true);
      replacement = callee === nothing ? new Uint8Array(0) : call;
    }
    const bytes = choice.rewritten(text, alternatives, i, replacement);
    text.put(address, bytes, { family: 'paravirt', index: i });
  };
}

/** @throws patch-shape-unknown where what is in pv_ops is no function of the kernel's */
function calledCode(
  kernel: PatchKernel,
  sites: ParavirtSites,
  i: IndexIntoSiteTable,
  callee: SignedAddress,
): SignedAddress {
  if (Number.isSafeInteger(callee) && isCode(kernel.sections, callee, 1)) return callee;
  const bytes = bytesAt(kernel, sites.address[i]!, sites.size[i]!, 'a paravirt site');
  const what = Number.isSafeInteger(callee) ? addressText(callee) : String(callee);
  return refuseShape(
    'paravirt',
    sites.address[i]!,
    bytes,
    `a call of a function (${what} is none)`,
  );
}

/** @throws patch-no-name */
function needed(kernel: PatchKernel, name: string): SignedAddress {
  const address = addressOfName(kernel.names, name);
  if (address === undefined) throw patchErrors.noName({ name, file: kernel.label });
  return address;
}

/** Calls through pv_ops, which become direct calls of what the kernel put there. */
export const paravirt: PatchFamily<ParavirtSites> = {
  name: 'paravirt',
  summary: 'calls through pv_ops',
  learntFrom: [
    'arch/x86/kernel/alternative.c',
    'arch/x86/kernel/paravirt.c',
    'arch/x86/include/asm/paravirt_types.h',
  ],
  support: { '6.1': 'proved', '6.12': 'listed' },
  ...{ read, describe, early, resolver },
};
