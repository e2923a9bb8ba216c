import { addressOfName, nameOfAddress } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { SignedAddress } from '../../kernel/address.js';
import { viewOf } from '../families/instructions.js';
import type { PatchKernel } from '../kernel.js';
import { pvOpsOf } from '../pv-ops.js';
import type { KernelMemory } from '../types.js';

/**
 * Members of pv_ops that are something else for a while before alternative_instructions():
 * xen_start_kernel() loads its first GDT by xen_load_gdt_boot(), and until page structures are there
 * page tables are written by xen_set_pte_init(), xen_alloc_pte_init() and others
 * (arch/x86/xen/enlighten_pv.c, mmu_pv.c). A call that goes straight to the last function would come
 * too early: such sites stay calls through pv_ops, and the kernel makes them direct when it is time.
 *
 * Two places tell of such values: the tables that are copied over pv_ops (`xen_mmu_ops`), and stores of
 * a function's address to a member. Only functions of the same hypervisor count, which
 * the first part of their names tells: KVM's are not on Xen's way.
 * @returns addresses of members
 */
export function earlyMembers(kernel: PatchKernel, memory: KernelMemory): Set<SignedAddress> {
  const early = new Set<SignedAddress>();
  const ops = pvOpsOf(kernel);
  if (!ops) return early;
  const initial = wordsAt(kernel, ops.start, ops.size);
  const last = viewOf(memory.read(ops.start, ops.size, 'pv_ops'));
  const values = valuesOf(kernel, ops.start, ops.size);
  for (let offset = 0; offset + 8 <= ops.size; offset += 8) {
    const final = Number(last.getBigInt64(offset, true));
    if (final === initial?.[offset / 8]) continue;
    const party = partyOf(kernel, final);
    const others = values.get(offset) ?? [];
    if (others.some((value) => value !== final && partyOf(kernel, value) === party)) {
      early.add(ops.start + offset);
    }
  }
  return early;
}

/** Every address that is known to be put into a member, by the member's offset. */
function valuesOf(
  kernel: PatchKernel,
  start: SignedAddress,
  size: number,
): Map<number, SignedAddress[]> {
  const values = new Map<number, SignedAddress[]>();
  const add = (offset: number, value: SignedAddress): void => {
    if (kernel.sections[sectionAt(kernel.sections, value)]?.executable !== true) return;
    const list = values.get(offset);
    if (list) list.push(value);
    else values.set(offset, [value]);
  };
  for (const name of kernel.names.row.keys()) {
    if (!/^\w+_(cpu|irq|mmu)_ops$/.test(name)) continue;
    const words = wordsAt(kernel, addressOfName(kernel.names, name)!, size);
    words?.forEach((value, i) => add(8 * i, value));
  }
  for (const { bytes, start: at, executable } of kernel.sections) {
    if (!executable) continue;
    for (const [target, value] of stores(bytes, at)) {
      if (target >= start && target < start + size) add(target - start, value);
    }
  }
  return values;
}

/** `movq $imm32, disp32(%rip)`: 48 c7 05 disp32 imm32. */
function* stores(
  code: Uint8Array,
  start: SignedAddress,
): Generator<[target: SignedAddress, value: SignedAddress]> {
  const view = viewOf(code);
  const length = 11;
  for (let at = code.indexOf(0xc7); at >= 0; at = code.indexOf(0xc7, at + 1)) {
    const from = at - 1;
    if (code[from] !== 0x48 || code[at + 1] !== 0x05 || from + length > code.length) continue;
    const target = start + from + length + view.getInt32(from + 3, true);
    yield [target, view.getInt32(from + 7, true)];
  }
}

/** An object's eight-byte words as the file has them. */
function wordsAt(
  { sections }: PatchKernel,
  start: SignedAddress,
  size: number,
): SignedAddress[] | undefined {
  const section = sections[sectionAt(sections, start)];
  if (!section || start + size > section.start + section.bytes.length) return undefined;
  const view = viewOf(section.bytes, start - section.start);
  return Array.from({ length: size / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}

/** `xen` of `xen_load_gdt_boot` and of `__raw_callee_save_xen_make_pte_init`. */
function partyOf({ names }: PatchKernel, address: SignedAddress): string | undefined {
  const place = nameOfAddress(names, address);
  if (place?.offset !== 0) return undefined;
  return /^(?:__raw_callee_save_)?_*([a-z0-9]+)_/.exec(place.name)?.[1];
}
