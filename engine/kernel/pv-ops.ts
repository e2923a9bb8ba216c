import type { Bytes } from '../units.js';

/**
 * Names for members of `pv_ops`, by their offset, read off the kernel itself.
 * Which member lies where changes with version and configuration, and without
 * debug information nothing says it outright. But each member holds a function
 * that is named after it: `pv_ops` at build time the native one
 * (`native_write_cr4`), the Xen tables that are copied over it
 * (`xen_cpu_ops`, `xen_mmu_ops`, `xen_irq_ops`: all laid out like pv_ops) theirs
 * (`xen_write_cr4`). So `write_cr4` is a name derived from functions, which is
 * the member's own but for a few (`flush_tlb` for `flush_tlb_user`).
 */
export type PvOpsNames = ReadonlyMap<Bytes, string>;

/** Offsets in an object at which the address of a function is, and the function's name. */
export type FunctionsInside = Iterable<readonly [offset: Bytes, name: string]>;

/** @param xen by group: `cpu` for what is in `xen_cpu_ops` */
export function namePvOps(
  native: FunctionsInside,
  xen: Iterable<readonly [group: string, functions: FunctionsInside]>,
): PvOpsNames {
  const names = new Map<Bytes, string>();
  for (const [offset, name] of native) {
    const member = memberName(name);
    if (member !== null) names.set(offset, member);
  }
  for (const [group, functions] of xen) {
    for (const [offset, name] of functions) {
      const member = memberName(name);
      if (member !== null) names.set(offset, `${group}.${shorter(names.get(offset), member)}`);
    }
  }
  return names;
}

/** `cpu` of `xen_cpu_ops`, or undefined for other names. */
export function xenOpsGroup(name: string): string | undefined {
  return /^xen_([a-z]+)_ops$/.exec(name)?.[1];
}

/** `__raw_callee_save_xen_make_pte_init` -> `make_pte`; null for functions that do nothing in particular. */
function memberName(name: string): string | null {
  if (/^_?paravirt_(nop|ident|ret0|BUG)|^(nop|BUG)_func$/.test(name)) return null;
  return name
    .replace(/^__raw_callee_save_/, '')
    .replace(/^_*(pv_)?_*(native|xen|kvm|hv)_/, '')
    .replace(/(_init|_hyper)$/, '');
}

/** Where one name begins with the other, the shorter says what both do; else Xen's. */
function shorter(native: string | undefined, xen: string): string {
  return native !== undefined && xen.startsWith(native) ? native : xen;
}
