import type { Bytes } from '../units.js';
import { firstFieldFrom } from './fields.js';
import { placeAt, type IndexIntoPlaceTable } from './places.js';
import type { Side } from './side.js';

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

export function pvOpsNames(side: Side): PvOpsNames {
  const { table } = side.places;
  const names = new Map<Bytes, string>();
  const pvOps = table.name.indexOf('pv_ops');
  if (pvOps < 0) return names;
  for (const [offset, name] of functionsIn(side, pvOps)) {
    const member = memberName(name);
    if (member !== null) names.set(offset, member);
  }
  for (let row = 0; row < table.length; row++) {
    const group = /^xen_(\w+)_ops$/.exec(table.name[row]!)?.[1];
    if (group === undefined || table.size[row] !== table.size[pvOps]) continue;
    for (const [offset, name] of functionsIn(side, row)) {
      const member = memberName(name);
      if (member !== null) names.set(offset, `${group}.${shorter(names.get(offset), member)}`);
    }
  }
  return names;
}

/** Offsets in an object at which the address of a function is. */
function* functionsIn(
  { places: { table }, fields }: Side,
  row: IndexIntoPlaceTable,
): Generator<[offset: Bytes, name: string]> {
  const start = table.start[row]!;
  const end = start + table.size[row]!;
  for (let i = firstFieldFrom(fields, start); i < fields.length && fields.start[i]! < end; i++) {
    const target = placeAt(table, fields.target[i]!);
    if (target >= 0 && table.start[target] === fields.target[i]) {
      yield [fields.start[i]! - start, table.name[target]!];
    }
  }
}

/** `__raw_callee_save_xen_make_pte_init` -> `make_pte`; null for functions that do nothing in particular. */
function memberName(name: string): string | null {
  if (/^_?paravirt_(nop|ident|ret0|BUG)/.test(name)) return null;
  return name
    .replace(/^__raw_callee_save_/, '')
    .replace(/^_*(pv_)?_*(native|xen|kvm|hv)_/, '')
    .replace(/(_init|_hyper)$/, '');
}

/** Where one name begins with the other, the shorter says what both do; else Xen's. */
function shorter(native: string | undefined, xen: string): string {
  return native !== undefined && xen.startsWith(native) ? native : xen;
}
