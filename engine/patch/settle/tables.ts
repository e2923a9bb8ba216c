import { patchErrors } from '../../errors/patch.js';
import type { SignedAddress } from '../../kernel/address.js';
import type { LoadedSection } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { nop5 } from '../families/instructions.js';
import type { AlternativeSites } from '../alternatives/table.js';
import { bytesAt, sectionNamed, type PatchKernel } from '../kernel.js';
import type { FamilyTable } from '../left-out.js';
import type { RewrittenKernel } from '../patched-text.js';
import type { FamilyName, IndexIntoSiteTable, SettledTable, SiteTable } from '../types.js';
import { argumentOperand, bootCalls, isAppliedByCall } from './boot-calls.js';

/** Sections that nobody reads any more once the kernel does not apply a family. */
const sections: Partial<Record<FamilyName, readonly string[]>> = {
  paravirt: ['.parainstructions'],
  alternative: ['.altinstructions', '.altinstr_replacement'],
  retpoline: ['.retpoline_sites'],
  return: ['.return_sites'],
  'call-thunk': ['.call_sites'],
  endbr: ['.ibt_endbr_seal'],
  'smp-lock': ['.smp_locks'],
};

/**
 * Makes the kernel leave a family's table alone: the call that applies it becomes a no-op, and the
 * table zeros. Where some entries are left to the kernel, the table is shortened to these, and
 * the call given their end. Undefined for families that are not applied by a call.
 * @param left rows that the kernel is to apply itself
 * @throws patch-no-name, patch-call-not-found, patch-table-stays, patch-calls-are-alternatives
 */
export function settleTable(
  kernel: PatchKernel,
  { family: { name: family }, sites }: FamilyTable,
  text: RewrittenKernel,
  left: ReadonlySet<IndexIntoSiteTable>,
): SettledTable | undefined {
  if (!isAppliedByCall(family)) return undefined;
  if ('alternatives' in sites) throw patchErrors.callsAreAlternatives({ file: kernel.label });
  const calls = bootCalls(kernel, family);
  const tables = (sections[family] ?? []).flatMap((name) => sectionNamed(kernel, name) ?? []);
  if (left.size > 0) {
    const kept = [...left].map((i) => sites.entry[i]!).sort((a, b) => a - b);
    const emptied = shorten(kernel, { family, sites }, text, kept, tables[0], calls);
    return { calls: 0, emptied, kept: kept.length };
  }
  for (const at of calls) text.put(at, nop5, { family, index: -1 });
  for (const { start, bytes } of tables) {
    text.put(start, new Uint8Array(bytes.length), { family, index: -1 });
  }
  const emptied = tables.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { calls: calls.length, emptied, kept: 0 };
}

/** How an entry is moved: fields that count from themselves change with their place. */
interface Entry {
  size: Bytes;
  /** Offsets of such fields, 32 bits each. */
  distances: readonly Bytes[];
  /** Which argument of the call is the table's end. */
  end: 'second' | 'fourth';
}

const distance: Entry = { size: 4, distances: [0], end: 'second' };

/** Undefined for tables that the call is not given: it knows their bounds itself. */
function entryOf(family: FamilyName, sites: SiteTable): Entry | undefined {
  switch (family) {
    case 'paravirt':
      // struct paravirt_patch_site has addresses.
      return { size: 16, distances: [], end: 'second' };
    case 'alternative':
      return {
        ...{ size: (sites as AlternativeSites).layout.entrySize, distances: [0, 4] },
        end: 'second',
      };
    case 'smp-lock':
      return { ...distance, end: 'fourth' };
    case 'retpoline':
    case 'return':
    case 'endbr':
      return distance;
    default:
      return undefined;
  }
}

/** Moves the kept entries to the table's beginning. @returns how many bytes became zeros */
function shorten(
  kernel: PatchKernel,
  { family, sites }: { family: FamilyName; sites: SiteTable },
  text: RewrittenKernel,
  kept: readonly SignedAddress[],
  table: LoadedSection | undefined,
  [call, ...others]: readonly SignedAddress[],
): Bytes {
  const entry = entryOf(family, sites);
  if (!entry || !table || call === undefined || others.length > 0) {
    throw patchErrors.tableStays({ family, why: 'its entries cannot be moved' });
  }
  const end = table.start + table.bytes.length;
  const operand = argumentOperand(kernel, call, entry.end, end);
  if (!operand) {
    throw patchErrors.tableStays({ family, why: 'the end that the kernel goes to was not found' });
  }
  let to = table.start;
  for (const from of kept) {
    move(kernel, family, text, entry, from, to);
    to += entry.size;
  }
  if (to < end) text.put(to, new Uint8Array(end - to), { family, index: -1 });
  const field = Buffer.alloc(4);
  field.writeInt32LE(to - (operand.relativeTo ?? 0));
  text.put(operand.field, field, { family, index: -1 });
  return end - to;
}

function move(
  kernel: PatchKernel,
  family: FamilyName,
  text: RewrittenKernel,
  { size, distances }: Entry,
  from: SignedAddress,
  to: SignedAddress,
): void {
  const bytes = Buffer.from(bytesAt(kernel, from, size, family));
  for (const at of distances) bytes.writeInt32LE(bytes.readInt32LE(at) + from - to, at);
  // Addresses have halves of an entry for themselves: what holds one goes on holding one.
  const step = distances.length === 0 ? 8 : size;
  for (let at = 0; at < size; at += step) {
    text.put(to + at, bytes.subarray(at, at + step), { family, index: -1 });
  }
}
