import { expect, it } from 'vitest';
import type { z } from 'zod';
import pc from 'picocolors';
import { patchText } from '../../../engine/cli/patch-text.js';
import { patchDocument } from '../../../engine/contract.js';

type Patched = z.infer<typeof patchDocument>;

const digest = 'ab'.repeat(32);

const family = (
  name: Patched['families'][number]['family'],
  facts: Partial<Patched['families'][number]>,
): Patched['families'][number] => ({
  ...{ family: name, sites: 0, changed: 0, changedBytes: 0, settled: null },
  ...{ initial: [], left: [], leftBecause: null, ...facts },
});

/** A document that the schema accepts. */
const patched: Patched = patchDocument.parse({
  schema: 'kbl-patch',
  version: 1,
  image: {
    ...{ id: 7, sha256: digest, kind: 'patched', name: 'xen-6.1.192-for-xen', flavour: 'xen' },
    ...{ kernelVersion: '6.1.192', size: 2_640_000, build: null, parts: [], origin: null },
    patch: null,
    createdAt: '2026-11-23T05:00:00.000Z',
  },
  original: { name: 'xen-6.1.192', sha256: digest, size: 2_650_000 },
  file: '/home/me/vmlinuz',
  observation: {
    ...{ inputHash: digest, environment: 'xen-pv-dom0', cpu: 'qemu64', cached: true },
  },
  namesFrom: 'symbols',
  families: [
    family('paravirt', {
      ...{ sites: 3000, changed: 2900, changedBytes: 15_000 },
      settled: { calls: 0, emptied: 47_000, kept: 12 },
      left: Array.from({ length: 10 }, (_, i) => `pv_ops.mmu.member_${i}`),
    }),
    family('alternative', {
      ...{ sites: 1200, changed: 400, changedBytes: 1600 },
      settled: { calls: 1, emptied: 14_400, kept: 0 },
    }),
    family('endbr', { sites: 10, settled: { calls: 2, emptied: 40, kept: 0 } }),
    family('ftrace', { sites: 30_000, leftBecause: 'ftrace_init() checks them' }),
    family('static-key', {
      ...{ sites: 700, changed: 20, changedBytes: 90 },
      ...{ initial: ['sched_smt_present', 'tsc'], left: ['bss_key'] },
    }),
  ],
  relocations: { dropped: 1234, added: 5 },
  constants: [
    {
      ...{ symbol: 'd_hash_shift', value: '0xe', replaced: 8 },
      refused: [{ address: 'ffffffff81000040', why: 'no-form' }],
    },
    { symbol: 'pgdir_shift', value: '0x27', replaced: 20, refused: [] },
  ],
  text: { size: 6_000_000, changedAtBoot: 17_000, different: 0, left: 0, byName: 4, runs: [] },
});

const text = (document: Patched, listed = 20): string =>
  patchText(document, listed, pc.createColors(false));

it('says what became of each family, what is left to the kernel, and the proof', () => {
  expect(text(patched)).toMatchInlineSnapshot(`
    "patched xen-6.1.192 as xen-6.1.192-for-xen, 2,640,000 bytes
    written to /home/me/vmlinuz
    for xen-pv-dom0 with -cpu qemu64, by the memory of the same kernel, booted before

    FAMILY        SITES  CHANGED   BYTES  TABLE EMPTIED  AT BOOT
    paravirt      3,000    2,900  15,000         47,000  applies 12 entries
    alternative   1,200      400   1,600         14,400  the call that applied it: no-op
    endbr            10        0       0             40  2 calls that applied it: no-op
    ftrace       30,000        0       0
    static-key      700       20      90                 2 begin with their last value

    paravirt, left to the kernel: pv_ops.mmu.member_0, pv_ops.mmu.member_1, pv_ops.mmu.member_2, pv_ops.mmu.member_3, pv_ops.mmu.member_4, pv_ops.mmu.member_5, pv_ops.mmu.member_6, pv_ops.mmu.member_7 and 2 more
    ftrace, left to the kernel: ftrace_init() checks them
    static-key, left to the kernel: bss_key

    CONSTANT      VALUE  IMMEDIATES  REFUSED FOR  LOADS
    d_hash_shift  0xe             8  no-form          1
    pgdir_shift   0x27           20                   0

    relocations: 1,234 dropped, 5 added
    resolved text against memory, 6,000,000 bytes, of which boot had changed 17,000: equal, every byte (but 4 that xen_start_kernel() writes by name)"
  `);
});

it('lists places where the texts differ, as far as asked for', () => {
  const run = (place: string, address: string) => ({ address, place, file: '90', memory: 'cc' });
  const runs = [run('one+0x1', 'ffffffff81000010'), run('two+0x2', 'ffffffff81000020')];
  const differs = { ...patched, text: { ...patched.text, byName: 0, different: 2, runs } };
  const lines = text(differs, 1).split('\n');
  expect(lines.slice(-4)).toEqual([
    '',
    'ADDRESS           PLACE    PATCHED FILE  MEMORY',
    'ffffffff81000010  one+0x1  90            cc',
    'and 1 more place (--json lists them)',
  ]);
  expect(lines.at(-5)).toMatch(/boot had changed 17,000: 2 differ$/);
  expect(text(differs)).toMatch(/two\+0x2 +90 +cc$/);
});

it('says apart what differs because it was to be left to the kernel', () => {
  const left = (different: number) =>
    text({ ...patched, text: { ...patched.text, different, left: 7 } })
      .split('\n')
      .at(-1);
  expect(left(7)).toMatch(
    /: equal, every byte \(but 7 in sites that are left to the kernel, 4 that xen_start_kernel\(\) writes by name\)$/,
  );
  expect(left(9)).toMatch(/: 2 differ \(but 7 in sites that are left/);
});

it('does not claim a file that was not written, nor a boot that it did not do', () => {
  const here: Patched = {
    ...{ ...patched, file: null },
    observation: { ...patched.observation, cached: false },
  };
  expect(text(here)).not.toContain('written to');
  expect(text(here)).toContain('booted once');
});

it('lets no control characters through', () => {
  const image = { ...patched.image, name: 'evil\u001b[31m' };
  expect(text({ ...patched, image })).not.toContain('\u001b');
});
