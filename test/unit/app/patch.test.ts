import { expect, test } from 'vitest';
import type { Constant, FunctionView, Sites } from '../../../engine/contract/app/patch.js';
import { textLines } from '../../../renderer/screens/patch/changes.js';
import {
  functionOf,
  rowsOf,
  siteLine,
  siteNames,
  wordsFor,
} from '../../../renderer/screens/patch/columns.js';
import { hazardLines, kindOf, verdictText } from '../../../renderer/screens/patch/constants.js';
import {
  lineAt,
  listingLines,
  listingText,
  viewAt,
} from '../../../renderer/screens/patch/listing.js';
import { atBoot, leftText, type Family } from '../../../renderer/screens/patch/results.js';
import { nextRun } from '../../../renderer/shared/listing.js';

const line = (offset: number, size: number, text: string) => ({ offset, size, text });

const view: FunctionView = {
  ...{ name: 'load', address: 'ffffffff81000010', size: 9 },
  blocks: [
    { original: [line(0, 1, 'push %rbp')], sites: [], after: null, changes: false },
    {
      original: [line(1, 6, 'callq *pv_ops.mmu.write_cr3')],
      sites: [
        {
          ...{ address: 'ffffffff81000011', family: 'paravirt' },
          ...{ subject: 'pv_ops.mmu.write_cr3', replacement: null },
        },
        {
          ...{ address: 'ffffffff81000011', family: 'alternative' },
          ...{ subject: '!XENPV', replacement: [line(0, 3, 'mov %rdi,%cr3')] },
        },
      ],
      after: [line(1, 3, 'mov %rdi,%cr3'), line(4, 3, 'nopl (%rax)')],
      changes: true,
    },
    { original: [line(7, 2, 'pop %rbp')], sites: [], after: null, changes: false },
  ],
};

test('a listing pairs instructions by offset, and names the sites beside them', () => {
  const lines = listingLines(view, true);
  expect(lines.map(({ left, right }) => [left?.offset, right?.offset])).toEqual([
    [0, 0],
    [1, 1],
    [undefined, 4],
    [7, 7],
  ]);
  expect(lines.map(({ kind }) => kind)).toEqual(['plain', 'changes', 'changes', 'plain']);
  expect(lines.map(({ note }) => note)).toEqual([
    '',
    'paravirt pv_ops.mmu.write_cr3',
    'alternative !XENPV',
    '',
  ]);
  expect(listingText(view, lines)).toMatch(/^ {4}1 .*callq.*paravirt.* {4}1 {2}mov %rdi,%cr3$/m);
});

test('without an observation the right half has what alternatives may put there', () => {
  const blocks = view.blocks.map((block) => ({ ...block, after: null, changes: false }));
  const lines = listingLines({ ...view, blocks }, false);
  expect(lines.map(({ right }) => right?.text)).toEqual([
    ...[undefined, '<!XENPV>', 'mov %rdi,%cr3', undefined],
  ]);
  expect(lines[1]!.kind).toBe('variant');
});

test('finds the view, the line and the next site of an address', () => {
  const other = { ...view, address: 'ffffffff82000000' };
  expect(viewAt([other, view], 'ffffffff81000011')).toBe(view);
  const lines = listingLines(view, true);
  expect(lineAt(lines, view, 'ffffffff81000012')).toBe(1);
  const isSite = ({ note }: { note: string }) => note !== '';
  expect(nextRun(lines, 0, 1, isSite)).toBe(1);
  expect(nextRun(lines, 1, 1, isSite)).toBeUndefined();
  expect(nextRun(lines, 3, -1, isSite)).toBe(1);
});

const sites: Sites = {
  ...{ kernelVersion: null, totals: [], notes: [], observed: true },
  texts: ['callq *pv_ops.x', 'pv_ops.x', 'cli', 'lock incl (%rdi)', ''],
  sites: {
    length: 2,
    address: ['ffffffff81000000', 'ffffffff81000009'],
    place: ['load+0x10', 'store'],
    bytes: ['ff15', 'f0'],
    family: Uint8Array.of(0, 4),
    fate: Uint8Array.of(0, 2),
    instruction: Int32Array.of(0, 3),
    subject: Int32Array.of(1, 4),
    after: Int32Array.of(2, -1),
  },
};

test('rows are chosen by family, and a site is told in full', () => {
  expect(rowsOf(sites, [])).toEqual([0, 1]);
  expect(rowsOf(sites, ['smp-lock'])).toEqual([1]);
  expect(functionOf(sites, 0)).toBe('load');
  expect(functionOf(sites, 1)).toBe('store');
  expect(siteLine(sites, 0)).toBe(
    'load+0x10   paravirt pv_ops.x   ff15  callq *pv_ops.x   becomes: cli',
  );
  expect(siteLine(sites, 1)).toMatch(/becomes: freed after boot$/);
});

test('a site can be left to the kernel by itself, its member of pv_ops and its function', () => {
  expect(wordsFor(sites, 0)).toEqual([
    { word: 'ffffffff81000000', what: 'this site' },
    { word: 'pv_ops.x', what: 'pv_ops.x' },
    { word: 'load', what: 'all of load' },
  ]);
  // A key has one value at a time: all of its sites, or none.
  const keys = { ...sites, sites: { ...sites.sites, family: Uint8Array.of(2, 9) } };
  expect(wordsFor(keys, 0).map(({ word }) => word)).toEqual(['pv_ops.x', 'load']);
  expect(wordsFor(keys, 1)).toEqual([]);
  const names = siteNames(sites);
  for (const { word } of wordsFor(sites, 0)) expect(names.has(word)).toBe(true);
  expect(names.has('load+0x10')).toBe(true);
  expect(names.has('nobody')).toBe(false);
});

test('a variable is a constant, may change, or has no load that an immediate fits', () => {
  const none = { boot: 0, workloads: {}, all: 0 };
  const plain: Constant = {
    ...{ name: 'shift', class: 'ro_after_init', address: '0', size: 4, value: '0x1' },
    ...{ initial: null, hazards: [], loads: 2, replaceable: 1, executed: none, saved: none },
    ...{ early: 0, refused: { 'no-room': 1 } },
  };
  expect([kindOf(plain), verdictText(plain)]).toEqual(['fits', 'fits']);
  const tight = { ...plain, replaceable: 0 };
  expect(kindOf(tight)).toBe('does not fit');
  expect(verdictText(tight)).toMatch(/64 bits/);
  const stored = {
    ...plain,
    hazards: [
      { kind: 'stored' as const, where: ['set_it', 'reset_it'] },
      { kind: 'kaslr' as const, where: [] },
    ],
  };
  expect(kindOf(stored)).toBe('may change');
  expect(hazardLines(stored)).toEqual([
    'written after boot: set_it, reset_it',
    'KASLR decides it at each boot',
  ]);
});

test('changed code adds up, and what no table explains is a line of its own', () => {
  const changes = {
    families: [{ family: 'paravirt', sites: 9, changed: 2, changedBytes: 12 }],
    direct: [
      { name: 'idle', writer: 'xen_start_kernel', changedBytes: 5 },
      { name: 'none', writer: 'xen_start_kernel', changedBytes: 0 },
    ],
    text: { size: 100, changed: 20 },
  } as unknown as Parameters<typeof textLines>[0];
  const lines = textLines(changes);
  expect(lines.map(({ by, bytes }) => [by, bytes])).toEqual([
    ['paravirt', 12],
    ['idle, by xen_start_kernel()', 5],
    ['all', 17],
    ['unexplained', 3],
  ]);
});

test('says what the kernel still does about a family, and what is left to it', () => {
  const family: Family = {
    ...{ family: 'static-key', sites: 3, changed: 1, changedBytes: 5, settled: null },
    ...{ initial: [], left: [], leftBecause: null },
  };
  expect(atBoot(family)).toBe('');
  expect(atBoot({ ...family, initial: ['a'] })).toBe('a begins with its last value');
  expect(atBoot({ ...family, settled: { calls: 1, emptied: 8, kept: 0 } })).toMatch(/^nothing/);
  expect(atBoot({ ...family, settled: { calls: 0, emptied: 8, kept: 1200 } })).toBe(
    'applies 1,200 entries',
  );
  const left = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  expect(leftText({ ...family, left, leftBecause: 'no room' })).toBe(
    'no room: a, b, c, d, e, f and 2 more',
  );
});
