import { patchErrors } from '../../errors/patch.js';
import type { SignedAddress } from '../../kernel/address.js';
import type { LoadedSection } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { nop5 } from '../families/instructions.js';
import { bytesAt, sectionNamed, type PatchKernel } from '../kernel.js';
import type { RewrittenKernel } from '../patched-text.js';
import type { FamilyName, SettledTable } from '../types.js';
import { bootCalls, isAppliedByCall, secondArgument } from './boot-calls.js';

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
 * @param kept addresses of the entries that the kernel is to apply itself, ascending
 * @throws patch-no-name, patch-call-not-found, patch-table-stays
 */
export function settleTable(
  kernel: PatchKernel,
  family: FamilyName,
  text: RewrittenKernel,
  kept: readonly SignedAddress[],
): SettledTable | undefined {
  if (!isAppliedByCall(family)) return undefined;
  const calls = bootCalls(kernel, family);
  const tables = (sections[family] ?? []).flatMap((name) => sectionNamed(kernel, name) ?? []);
  if (kept.length > 0) {
    const emptied = shorten(kernel, family, text, kept, tables[0], calls);
    return { calls: 0, emptied, kept: kept.length };
  }
  for (const at of calls) text.put(at, nop5, { family, index: -1 });
  for (const { start, bytes } of tables) {
    text.put(start, new Uint8Array(bytes.length), { family, index: -1 });
  }
  const emptied = tables.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { calls: calls.length, emptied, kept: 0 };
}

/** `struct paravirt_patch_site`; entries of other tables count from where they are. */
const movableEntry: Bytes = 16;

/** Moves the kept entries to the table's beginning. @returns how many bytes became zeros */
function shorten(
  kernel: PatchKernel,
  family: FamilyName,
  text: RewrittenKernel,
  kept: readonly SignedAddress[],
  table: LoadedSection | undefined,
  [call]: readonly SignedAddress[],
): Bytes {
  if (family !== 'paravirt' || !table || call === undefined) {
    throw patchErrors.tableStays({ family, why: 'its entries cannot be moved' });
  }
  const end = table.start + table.bytes.length;
  const operand = secondArgument(kernel, call, end);
  if (!operand) {
    throw patchErrors.tableStays({ family, why: 'the end that the kernel goes to was not found' });
  }
  let to = table.start;
  for (const entry of kept) {
    // Each half by itself: what holds an address goes on holding one.
    for (let half = 0; half < movableEntry; half += 8) {
      text.put(to + half, bytesAt(kernel, entry + half, 8, family), { family, index: -1 });
    }
    to += movableEntry;
  }
  text.put(to, new Uint8Array(end - to), { family, index: -1 });
  const field = Buffer.alloc(4);
  field.writeInt32LE(to - (operand.relativeTo ?? 0));
  text.put(operand.field, field, { family, index: -1 });
  return end - to;
}
