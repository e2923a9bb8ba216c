import { describe, expect, it } from 'vitest';
import { ofLinker, ofMany, readLinkMap } from '../../../engine/size/link-map.js';
import { labError } from '../../support/lab-error.js';

const map = (body: string) =>
  readLinkMap(`Archive member included\n\nLinker script and memory map\n\n${body}`, 'vmlinux.map');

describe('a link map of GNU ld', () => {
  it('places input sections, with names on the same line or the one before', () => {
    const { sections, objects, inputs } = map(
      [
        '.text           0xffffffff81000000      0x300 load address 0x0000000001000000',
        '                0xffffffff81000000                _text = .',
        ' *(.head.text)',
        ' .head.text     0xffffffff81000000      0x1f0 arch/x86/kernel/head_64.o',
        '                0xffffffff81000060                secondary_startup_64',
        ' *fill*         0xffffffff810001f0       0x10 cccc',
        ' .text.unlikely_and_long',
        '                0xffffffff81000200      0x100 lib/lib.a(cmdline.o)',
        '',
        '.init.begin_of_a_long_name',
        '                0xffffffff81001000       0x20',
        ' .init          0xffffffff81001000       0x20 vmlinux.a(init/main.o)',
      ].join('\n'),
    );
    expect(sections.map(({ name, start, size }) => [name, start, size])).toEqual([
      ['.text', -0x7f000000, 0x300],
      ['.init.begin_of_a_long_name', -0x7efff000, 0x20],
    ]);
    expect(
      sections[0]!.pieces.map(({ object, input, size }) => [objects[object], inputs[input], size]),
    ).toEqual([
      ['arch/x86/kernel/head_64.o', '.head.text', 0x1f0],
      [undefined, '*fill*', 0x10],
      ['lib/cmdline.o', '.text.unlikely_and_long', 0x100],
    ]);
    expect(sections[0]!.pieces[1]!.object).toBe(ofLinker);
    expect(objects).toContain('init/main.o');
  });

  it('gives strings that were merged to no single file, and leaves empty ones out', () => {
    const [rodata] = map(
      [
        '.rodata         0xffffffff81800000      0x140',
        ' .rodata        0xffffffff81800000       0x40 a.o',
        ' .rodata.str1.1 0xffffffff81800040       0x80 a.o',
        '                                         0x90 (size before relaxing)',
        ' .rodata        0xffffffff818000c0       0x80 b.o',
        ' .rodata.str1.1 0xffffffff81800140        0x0 b.o',
        '                                         0x22 (size before relaxing)',
      ].join('\n'),
    ).sections;
    expect(rodata!.pieces.map(({ object }) => object)).toEqual([0, ofMany, 1]);
  });

  it("takes bytes of the script and fill without a pattern for the linker's", () => {
    const [data] = map(
      [
        '.data           0xffffffff82000000       0x20',
        ' QUAD           0xffffffff82000000        0x8 0x0',
        ' *fill*         0xffffffff82000008       0x18 ',
      ].join('\n'),
    ).sections;
    expect(data!.pieces.map(({ object, size }) => [object, size])).toEqual([
      [ofLinker, 8],
      [ofLinker, 0x18],
    ]);
  });

  it('names the kallsyms object by what it is, whichever pass made it', () => {
    const { objects } = map(
      '.rodata 0xffffffff81000000 0x10\n .rodata 0xffffffff81000000 0x10 .tmp_vmlinux.kallsyms3.o\n',
    );
    expect(objects).toEqual(['(kallsyms)']);
  });

  it.each([
    ['nothing', ''],
    ["lld's map", '     VMA      LMA     Size Align Out     In      Symbol\n'],
    ['a binary file', '\0\x7fELF'],
  ])('refuses %s', (_, text) => {
    expect(() => readLinkMap(text, 'x.map')).toThrow(labError('size-map-unreadable'));
  });

  it('takes no harm from lines that only look like its own', () => {
    const { sections } = map(
      [
        ' .text 0xffffffff81000000 0x10 before-any-section.o',
        '.text 0xffffffff81000000 0x10',
        '.text',
        ' (',
        ' .a',
        ' .b',
        ' .c 0x 0xzz x.o',
        ' .d 0xfffffffffffffffff 0x10 x.o',
        '                                         0x22 (size before relaxing)',
        ` .e 0xffffffff81000000 0x10 ${'('.repeat(50_000)}`,
      ].join('\n'),
    );
    expect(sections.map(({ pieces }) => pieces.length)).toEqual([1]);
  });
});
