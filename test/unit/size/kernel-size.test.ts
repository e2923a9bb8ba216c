import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../engine/elf/index.js';
import { readKernelSize, type KernelSize } from '../../../engine/size/kernel-size.js';
import { readLinkMap } from '../../../engine/size/link-map.js';
import { rollUp, totalsOf, usualGrouping } from '../../../engine/size/roll-up.js';
import { leafKinds } from '../../../engine/size/types.js';
import { buildVmlinux, type Parts } from '../compare/kernel-builder.js';

const bytes = (size: number) => Array.from({ length: size }, (_, i) => 1 + (i % 200));

/** Two files of code, `kernel/fork.o` and `mm/slab.o`, and strings of both. */
const parts: Parts = {
  '.text': [
    { name: 'fork_static', bytes: bytes(48), file: 'fork.c' },
    { name: 'fork_global', bytes: bytes(20) },
    { name: 'slab_static', bytes: bytes(32), file: 'slab.c' },
    { bytes: bytes(16) },
  ],
  '.rodata': [{ name: 'table', bytes: bytes(32), file: 'slab.c' }, { bytes: bytes(48) }],
};
const at = (offset: number) => `0x${(0xffffffff81000000n + BigInt(offset)).toString(16)}`;
const goodMap = [
  'Linker script and memory map',
  `.text           ${at(0)}       0x80`,
  ` .text          ${at(0)}       0x50 kernel/fork.o`,
  ` .text          ${at(0x50)}       0x30 mm/slab.o`,
  `.rodata         ${at(0x1000000)}       0x50`,
  ` .rodata        ${at(0x1000000)}       0x20 mm/slab.o`,
  ` .rodata.str1.1 ${at(0x1000020)}       0x30 mm/slab.o`,
  '                                      0x40 (size before relaxing)',
].join('\n');

function sizeOf(options: { map?: string; objects?: string[] } = {}): KernelSize {
  return readKernelSize({
    label: 'small',
    source: memorySource(buildVmlinux(parts)),
    linkMap: options.map === undefined ? undefined : readLinkMap(options.map, 'x.map'),
    objects: options.objects,
  });
}

/** `[name, kind, size, object]` of each leaf. */
const rowsOf = ({ leaves, objects }: KernelSize) =>
  leaves.name.map((name, i) => [
    name,
    leafKinds[leaves.kind[i]!],
    leaves.size[i],
    objects[leaves.object[i]!] ?? null,
  ]);

function expectExact(size: KernelSize): void {
  const { sections, leaves } = size;
  sections.forEach((section, position) => {
    const own = Array.from(leaves.size).filter((_, i) => leaves.section[i] === position);
    expect(own.reduce((sum, one) => sum + one, 0)).toBe(section.size);
  });
}

describe("what a kernel's size is made of", () => {
  it('is told to the byte by a link map', () => {
    const size = sizeOf({ map: goodMap });
    expect(size).toMatchObject({ attribution: 'link-map', hasFolders: true, notes: [] });
    expect(rowsOf(size)).toEqual([
      ['fork_static', 'function', 48, 'kernel/fork.o'],
      ['fork_global', 'function', 20, 'kernel/fork.o'],
      ['padding', 'padding', 12, 'kernel/fork.o'],
      ['slab_static', 'function', 32, 'mm/slab.o'],
      ['.text', 'unnamed', 16, 'mm/slab.o'],
      ['table', 'object', 32, 'mm/slab.o'],
      ['.rodata.str1.1, of many files', 'unnamed', 48, null],
    ]);
    expectExact(size);
  });

  it('is told by file symbols without one, with the folders of the list of objects', () => {
    const size = sizeOf({ objects: ['kernel/fork.o', 'mm/slab.o'] });
    expect(size).toMatchObject({ attribution: 'file-symbols', hasFolders: true });
    // fork_global lies between two files of two folders: nothing is claimed.
    expect(rowsOf(size).map(([name, , , object]) => [name, object])).toEqual([
      ['fork_static', 'kernel/fork.o'],
      ['fork_global', null],
      ['padding', null],
      ['slab_static', 'mm/slab.o'],
      ['.text', null],
      ['table', 'mm/slab.o'],
      ['.rodata', null],
    ]);
    expectExact(size);
  });

  it('has the folder of what lies between two of its files', () => {
    const size = sizeOf({ objects: ['kernel/fork.o', 'kernel/slab.o'] });
    expect(rowsOf(size)[1]).toEqual(['fork_global', 'function', 20, 'kernel/(some file)']);
  });

  it('names files without folders where there is no list of objects, and says so', () => {
    const size = sizeOf();
    expect(size).toMatchObject({ attribution: 'file-symbols', hasFolders: false });
    expect(rowsOf(size)[0]).toEqual(['fork_static', 'function', 48, 'fork.c']);
    expect(size.notes.join()).toMatch(/vmlinux\.a/);
    expect(usualGrouping(size)).toBe('object');
  });

  it.each([
    ['another size', goodMap.replace('0x80\n', '0x90\n'), /\.text has 144 bytes/],
    ['another place', goodMap.replace(at(0x1000000), at(0x1001000)), /\.rodata has 80 bytes at/],
    ['no such section', goodMap.replace('.rodata  ', '.radota  '), /it has no \.rodata/],
  ])('takes no map of another kernel: %s', (_, map, why) => {
    const size = sizeOf({ map });
    expect(size.attribution).toBe('file-symbols');
    expect(size.notes[0]).toMatch(why);
    expectExact(size);
  });

  it('counts each byte once when pieces of a map lie over each other', () => {
    const lies = `${goodMap}\n .rodata ${at(0x1000008)} 0xffffffffffffff a.o\n .rodata ${at(0x1000000)} 0x8 b.o`;
    expectExact(sizeOf({ map: lies }));
  });

  it('asks symbols where objects were linked into one before', () => {
    const map = goodMap.replaceAll(/\S+\.o$/gm, 'vmlinux.o');
    const size = sizeOf({ map, objects: ['kernel/fork.o', 'mm/slab.o'] });
    expect(rowsOf(size)[0]).toEqual(['fork_static', 'function', 48, 'kernel/fork.o']);
    expect(size.notes.join()).toMatch(/vmlinux\.o/);
  });

  it('adds up the same whatever it is grouped by', () => {
    const size = sizeOf({ map: goodMap });
    const totals = totalsOf(size);
    expect(totals).toEqual({
      ...{ code: 128, rodata: 80, data: 0, bss: 0, total: 208 },
      ...{ attributed: 160, named: 132, unnamed: 64, padding: 12 },
    });
    for (const by of ['subsystem', 'object', 'function', 'section'] as const) {
      const rows = rollUp(size, by);
      expect(rows.reduce((sum, { total }) => sum + total, 0)).toBe(208);
      expect(rows.map(({ total }) => total)).toEqual(
        rows.map((r) => r.total).sort((a, b) => b - a),
      );
    }
    expect(rollUp(size, 'subsystem').map(({ name, total }) => [name, total])).toEqual([
      ['kernel', 80],
      ['mm', 80],
      ['(of no object file)', 48],
    ]);
  });
});
