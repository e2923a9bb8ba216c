import { describe, expect, it } from 'vitest';
import { align } from '../../../engine/compare/align.js';
import { bloatOMeter } from '../../../engine/compare/bloat-o-meter.js';
import { normalisedName, parentName } from '../../../engine/compare/names.js';
import { readThinArchive } from '../../../engine/compare/thin-archive.js';
import { totalsOf } from '../../../engine/compare/index.js';
import { diffCsv, diffXlsx } from '../../../engine/compare/report.js';
import { memorySource } from '../../../engine/elf/index.js';
import { buildElf, symbolTable } from '../../support/elf-builder.js';
import { buildVmlinux, compareParts } from './kernel-builder.js';

describe('names', () => {
  it.each([
    ['foo', 'foo'],
    ['foo.isra.0', 'foo'],
    ['foo.constprop.0.isra.12', 'foo'],
    ['foo.123', 'foo'],
    ['foo.part.0', 'foo.part'],
    ['foo.isra.0.cold', 'foo.cold'],
    ['foo.part.0.cold', 'foo.part.cold'],
    ['__func__.12', '__func__'],
    [
      '__initcall__kmod_8250__275_690_univ8250_console_initcon',
      '__initcall__kmod_8250__univ8250_console_initcon',
    ],
    ['__UNIQUE_ID_license245', '__UNIQUE_ID_license'],
    ['sha256', 'sha256'],
    ['.L12', '.L12'],
  ])('%s is matched as %s', (name, expected) => {
    expect(normalisedName(name)).toBe(expected);
  });

  it.each([
    ['foo.cold', 'foo'],
    ['foo.part.0', 'foo'],
    ['foo.isra.0.cold', 'foo.isra.0'],
    ['foo', null],
  ])('%s is a piece of %s', (name, parent) => {
    expect(parentName(name)).toBe(parent);
  });
});

describe('align', () => {
  const of = (a: string, b: string, most?: number): string => {
    const codes = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));
    const found = align(codes(a), codes(b), most);
    let common = '';
    for (let i = 0; i < found.length; i++) {
      expect(a[found.a[i]!]).toBe(b[found.b[i]!]);
      if (i > 0) {
        expect(found.a[i]).toBeGreaterThan(found.a[i - 1]!);
        expect(found.b[i]).toBeGreaterThan(found.b[i - 1]!);
      }
      common += a[found.a[i]!]!;
    }
    return common;
  };

  it('finds a longest common subsequence', () => {
    expect(of('ABCABBA', 'CBABAC')).toHaveLength(4); // the example of Myers' paper
    expect(of('', 'abc')).toBe('');
    expect(of('abc', 'abc')).toBe('abc');
    expect(of('xabcy', 'abc')).toBe('abc');
    expect(of('abc', 'xyz')).toBe('');
  });

  it('still aligns when it has to cut', () => {
    const a = `${'p'.repeat(50)}same${'q'.repeat(50)}tail`;
    const b = `${'r'.repeat(50)}same${'s'.repeat(50)}tail`;
    expect(of(a, b, 20)).toContain('tail');
  });
});

describe('thin archives', () => {
  const header = (name: string, size: number): string =>
    `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;
  const names = 'kernel/fork.o/\narch/x86/entry/common.o/\n';
  const archive = `!<thin>\n${header('/', 4)}abcd${header('//', names.length)}${names}${names.length % 2 ? '\n' : ''}${header('/0', 77)}${header('/15', 88)}${header('short.o/', 1)}`;

  it('lists the members in order', () => {
    expect(readThinArchive(Buffer.from(archive), 'vmlinux.a')).toEqual([
      'kernel/fork.o',
      'arch/x86/entry/common.o',
      'short.o',
    ]);
  });

  it.each([['!<arch>\n'], [`!<thin>\n${header('//', 999)}`], [`!<thin>\n${header('/7', 1)}`]])(
    'refuses %j',
    (text) => {
      expect(() => readThinArchive(Buffer.from(text), 'x')).toThrow(
        expect.objectContaining({ code: 'compare-objects-unreadable' }) as Error,
      );
    },
  );
});

describe('bloat-o-meter', () => {
  const vmlinux = (sizes: Record<string, number>): Uint8Array => {
    const { symtab, strtab } = symbolTable(
      Object.entries(sizes).map(([name, size]) => ({ name, value: 0x1000n, size, info: 0x12 })),
    );
    return buildElf({
      sections: [
        { name: '.text', type: 1, data: new Uint8Array(64), flags: 6n, address: 0x1000n },
        { name: '.symtab', type: 2, data: symtab, link: 3, entrySize: 24 },
        { name: '.strtab', type: 3, data: strtab },
      ],
    });
  };
  const compare = (a: Record<string, number>, b: Record<string, number>): string =>
    bloatOMeter(
      { source: memorySource(vmlinux(a)), label: 'a' },
      { source: memorySource(vmlinux(b)), label: 'b' },
    );

  it('prints the table, with names folded', () => {
    expect(
      compare(
        { 'f.1': 10, 'f.2': 10, gone: 5, same: 7, linux_banner: 9 },
        { 'f.7': 24, new: 3, same: 7, linux_banner: 99 },
      ),
    ).toBe(
      [
        'add/remove: 1/1 grow/shrink: 1/0 up/down: 7/-5 (2)',
        'Function                                     old     new   delta',
        'f                                             20      24      +4',
        'new                                            -       3      +3',
        'gone                                           5       -      -5',
        'Total: Before=32, After=34, chg +6.25%',
        '',
      ].join('\n'),
    );
  });

  it.each([
    [800, 801, '+0.12%'], // 0.125 is a tie: Python rounds it to even
    [800, 803, '+0.38%'],
    [800, 799, '-0.12%'],
    [100, 100, '+0.00%'],
    [3, 4, '+33.33%'],
  ])('writes %d -> %d as %s', (before, after, percent) => {
    expect(compare({ f: before }, { f: after })).toContain(`chg ${percent}`);
  });
});

describe('reports', () => {
  const parts = (value: number) => ({
    '.text': [
      { name: '=cmd()', file: 'a.c', bytes: [0xb0, value, 0xc3] },
      { name: 'global', bytes: [0xc3] },
      { name: 'last', file: 'a.c', bytes: [0xc3] },
      { name: 'beyond', bytes: [0xc3] },
    ],
  });

  it('counts by verdict, reason and file; what stands between files is unknown', async () => {
    const totals = totalsOf(await compareParts(parts(1), parts(2)));
    expect(totals.functions.differs).toEqual({ count: 1, bytesA: 3, bytesB: 3 });
    expect(totals.reasons.structure.count).toBe(1);
    expect(totals.sources.kind).toBe('file');
    const counts = totals.sources.rows.map(({ source, verdicts }) => [
      source,
      verdicts.identical.count + verdicts.differs.count,
    ]);
    expect(counts).toEqual([
      ['a.c', 3],
      [null, 1],
    ]);
  });

  it('says what could not be told', async () => {
    const { notes } = await compareParts(parts(1), {
      '.text': [{ name: 'f', bytes: [0xe8, 0, 0, 0, 0], fields: [{ at: 1, to: 'f' }] }],
    });
    expect(notes).toEqual([
      expect.stringMatching(/^a has no relocations/),
      expect.stringMatching(/vmlinux\.a\) for a and b$/),
    ]);
  });

  it('writes CSV and XLSX in which no name is a formula', async () => {
    const comparison = await compareParts(parts(1), parts(2));
    const [head, first] = diffCsv(comparison).split('\r\n');
    expect(head).toBe(
      'kind,name,name_b,section,source,verdict,reason,evidence,address_a,address_b,size_a,size_b',
    );
    expect(first).toBe(
      "function,'=cmd(),,.text,a.c,differs,structure,structure,ffffffff81000000,ffffffff81001230,3,3",
    );
    const { readXlsx } = await import('hucre/xlsx');
    const { sheets } = await readXlsx(await diffXlsx(comparison));
    expect(sheets.map(({ name }) => name)).toEqual([
      'Totals',
      'Functions',
      'Objects',
      'Without symbols',
    ]);
    expect(sheets[1]?.rows[1]?.[0]).toBe("'=cmd()");
    expect(sheets[1]?.rows[1]?.at(-1)).toBe(3);
  });

  it('tells folders where the object files are listed', async () => {
    const { compareKernels } = await import('../../../engine/compare/index.js');
    const kernel = (value: number) => ({
      source: memorySource(buildVmlinux(parts(value))),
      label: 'k',
      objects: ['init/main.o', 'drivers/pci/a.o', 'lib/b.o'],
    });
    const totals = totalsOf(await compareKernels(kernel(1), kernel(2)));
    expect(totals.sources.kind).toBe('folder');
    expect(totals.sources.rows.map(({ source }) => source)).toEqual(['drivers/pci', null]);
  });
});
