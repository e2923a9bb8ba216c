import { patchErrors } from '../../errors/patch.js';
import { addressText, signedAddress, type SignedAddress } from '../../kernel/address.js';
import { addressOfName, placeText } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';
import type {
  IndexIntoSiteTable,
  PatchedText,
  PatchFamily,
  SiteResolver,
  SiteTable,
  Target,
} from '../types.js';
import { findTable, type TableBytes } from './find-table.js';
import { callOpcode, nearTarget, nop5, sameBytes, viewOf } from './instructions.js';
import {
  currentBytes,
  entryCount,
  isCode,
  refuseOverlaps,
  refuseShape,
  siteColumns,
  staysInText,
} from './site-rows.js';

/** `__mcount_loc`: the address of each call of __fentry__(). */
const tableName = '__mcount_loc';
const entrySize: Bytes = 8;
const siteSize: Bytes = 5;

function siteAt({ bytes }: TableBytes, at: Bytes): SignedAddress {
  return signedAddress(viewOf(bytes).getBigUint64(at, true));
}

function read(kernel: PatchKernel): SiteTable | undefined {
  const { sections } = kernel;
  const table = findTable(kernel, {
    section: tableName,
    start: '__start_mcount_loc',
    end: '__stop_mcount_loc',
    walker: 'ftrace_init',
    entrySize,
    isEntry: (bytes, at) => {
      const address = siteAt(bytes, at);
      return address === 0 || isCode(sections, address, siteSize);
    },
  });
  if (!table) return undefined;
  const count = entryCount(tableName, table, entrySize);
  // The linker pads between object files; ftrace_process_locs() skips NULLs too.
  const used = Array.from({ length: count }, (_, i) => i * entrySize).filter(
    (at) => siteAt(table, at) !== 0,
  );
  const sites = siteColumns(used.length, table.start, entrySize);
  const callee = fentry(kernel);
  used.forEach((at, i) => {
    const address = siteAt(table, at);
    sites.entry[i] = table.start + at;
    if (!isCode(sections, address, siteSize)) {
      throw patchErrors.tableMalformed({
        table: tableName,
        entry: addressText(sites.entry[i]),
        why: `its site ${Number.isSafeInteger(address) ? addressText(address) : address} is outside of the code`,
      });
    }
    const section = sections[sectionAt(sections, address)]!;
    const from = address - section.start;
    checkShape(address, section.bytes.subarray(from, from + siteSize), callee);
    sites.address[i] = address;
    sites.size[i] = siteSize;
  });
  refuseOverlaps(tableName, sites);
  return sites;
}

function fentry({ names }: PatchKernel): SignedAddress | undefined {
  return addressOfName(names, '__fentry__');
}

/** @throws patch-shape-unknown for what ftrace_verify_code() would refuse */
function checkShape(
  address: SignedAddress,
  bytes: Uint8Array,
  callee: SignedAddress | undefined,
): void {
  if (sameBytes(bytes, nop5)) return;
  const isCall = bytes[0] === callOpcode && nearTarget(address, bytes) === (callee ?? NaN);
  if (!isCall) refuseShape('ftrace', address, bytes, 'a call of __fentry__() or its NOP');
}

/** All become NOPs in ftrace_init(), long before anything could be traced. */
function resolver(_target: Target, sites: SiteTable, text: PatchedText): SiteResolver {
  const callee = fentry(text.kernel);
  return (i) => {
    const address = sites.address[i]!;
    if (!staysInText(text.kernel, address)) return;
    checkShape(address, currentBytes(text, sites, i), callee);
    text.put(address, nop5, { family: 'ftrace', index: i });
  };
}

function describe({ names }: PatchKernel, sites: SiteTable, i: IndexIntoSiteTable): string {
  return placeText(names, sites.address[i]!).replace(/\+0x[0-9a-f]+$/, '');
}

/** The call at the beginning of every function that can be traced: a NOP until someone traces. */
export const ftrace: PatchFamily = {
  name: 'ftrace',
  summary: 'calls at the beginning of functions that can be traced: NOPs until they are',
  learntFrom: ['kernel/trace/ftrace.c', 'arch/x86/kernel/ftrace.c', 'scripts/sorttable.h'],
  checkedAtBoot:
    'ftrace_init() makes its list of calls that it finds there, and warns of anything else',
  support: { '6.1': 'proved', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
