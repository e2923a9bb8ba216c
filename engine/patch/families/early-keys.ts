/**
 * Static keys that say that something is there now: code behind them must not run before the kernel
 * switches them on, so that their sites are left to it. Nothing in a kernel tells these from keys
 * that choose between two ways that both work early (`__use_tsc`); each was found by a kernel that
 * did not boot without.
 */
export const earlyKeys: ReadonlyMap<string, string> = new Map([
  // arch/x86/xen/mmu_pv.c: page flags are looked at only once xen_after_bootmem() has run.
  ['xen_struct_pages_ready', 'struct page is not there until xen_after_bootmem()'],
]);
