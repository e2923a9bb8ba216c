import { describe, expect, it } from 'vitest';
import type { PatchKernel } from '../../../engine/patch/kernel.js';
import { earlyMembers } from '../../../engine/patch/target/early-pv-ops.js';
import { dataAt, distance, tableKernel, tableTarget, textAt } from '../../support/table-kernel.js';

/** pv_ops with ten members at the start of data, and Xen's own table of some of them. */
const tableOfXen = dataAt + 0x100;
const size = 80;
const functions = {
  native_set_pte: textAt + 0x800,
  xen_set_pte_init: textAt + 0x810,
  xen_set_pte: textAt + 0x820,
  __raw_callee_save_xen_make_pte_init: textAt + 0x830,
  __raw_callee_save_xen_make_pte: textAt + 0x840,
  kvm_flush_tlb_multi: textAt + 0x850,
};
const names = {
  ...functions,
  ...{ pv_ops: dataAt, pv_info: dataAt + size },
  ...{ xen_mmu_ops: tableOfXen, behind_it: tableOfXen + size },
};

interface Case {
  /** What the file has in pv_ops and in Xen's table, and what memory had after boot, by member. */
  initial?: Readonly<Record<number, number>>;
  xen?: Readonly<Record<number, number>>;
  last: Readonly<Record<number, number>>;
  /** `movq $value,pv_ops+8*member(%rip)`, somewhere in the code. */
  stores?: readonly [member: number, value: number][];
}

/** Members that are early. */
function early({ initial = {}, xen = {}, last, stores = [] }: Case): number[] {
  const text = Object.fromEntries(
    stores.map(([member, value], i) => {
      const at = 0x40 + 16 * i;
      const to = distance(textAt + at + 11, dataAt + 8 * member);
      return [at, [0x48, 0xc7, 0x05, ...to, ...distance(0, value)]];
    }),
  );
  const kernel: PatchKernel = tableKernel({ names, text });
  const { bytes } = kernel.sections.find(({ name }) => name === '.data')!;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const put = (from: number, words: Readonly<Record<number, number>>): void => {
    for (const [member, value] of Object.entries(words)) {
      view.setBigInt64(from + 8 * Number(member), BigInt(value), true);
    }
  };
  put(0, initial);
  put(tableOfXen - dataAt, xen);
  const words = Object.entries(last).map(([member, value]) => [dataAt + 8 * Number(member), value]);
  const { memory } = tableTarget(kernel, [], Object.fromEntries(words) as Record<number, number>);
  return [...earlyMembers(kernel, memory)].map((at) => (at - dataAt) / 8);
}

const f = functions;

describe('members of pv_ops that are something else early at boot', () => {
  it("are those of which Xen's table has another function of Xen than memory", () => {
    const native = { 2: f.native_set_pte };
    const xen = { 2: f.xen_set_pte_init };
    expect(early({ initial: native, xen, last: { 2: f.xen_set_pte } })).toEqual([2]);
    // Bare, the member is as the file has it; and where the table is never changed again, final.
    expect(early({ initial: native, xen, last: native })).toEqual([]);
    expect(early({ initial: native, xen, last: xen })).toEqual([]);
  });

  it('are those to which code stores a function, whichever prefix its name has', () => {
    const stores: Case['stores'] = [[5, f.__raw_callee_save_xen_make_pte_init]];
    expect(early({ stores, last: { 5: f.__raw_callee_save_xen_make_pte } })).toEqual([5]);
    expect(early({ stores, last: { 6: f.__raw_callee_save_xen_make_pte } })).toEqual([]);
    expect(early({ stores: [[5, dataAt]], last: { 5: f.xen_set_pte } })).toEqual([]);
  });

  it('are not those to which another hypervisor than the one that ran stores', () => {
    const stores: Case['stores'] = [[3, f.kvm_flush_tlb_multi]];
    expect(early({ stores, last: { 3: f.xen_set_pte } })).toEqual([]);
  });

  it('are none in a kernel without pv_ops', () => {
    const kernel = tableKernel({ names: { native_set_pte: f.native_set_pte } });
    expect([...earlyMembers(kernel, tableTarget(kernel).memory)]).toEqual([]);
  });
});
