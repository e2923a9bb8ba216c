import { sectionNamed, type PatchKernel } from '../kernel.js';
import type { RewrittenKernel } from '../patched-text.js';
import type { FamilyName, SettledTable } from '../types.js';
import { bootCalls, isAppliedByCall, nop5 } from './boot-calls.js';

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
 * table zeros. Undefined for families that are not applied by a call.
 * @throws patch-no-name, patch-call-not-found
 */
export function settleTable(
  kernel: PatchKernel,
  family: FamilyName,
  text: RewrittenKernel,
): SettledTable | undefined {
  if (!isAppliedByCall(family)) return undefined;
  const calls = bootCalls(kernel, family);
  for (const at of calls) text.put(at, nop5, { family, index: -1 });
  let emptied = 0;
  for (const name of sections[family] ?? []) {
    const section = sectionNamed(kernel, name);
    if (!section || section.bytes.length === 0) continue;
    text.put(section.start, new Uint8Array(section.bytes.length), { family, index: -1 });
    emptied += section.bytes.length;
  }
  return { calls: calls.length, emptied };
}
