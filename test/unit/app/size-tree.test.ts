import { describe, expect, it } from 'vitest';
import { leafKinds, type SizeClass, type Sizes } from '../../../engine/contract/app/images.js';
import { colourOf, shareText } from '../../../renderer/screens/images/size-columns.js';
import {
  attributed,
  pathOf,
  samePlace,
  sizeParts,
  sizeTree,
  trail,
  type SizeNode,
} from '../../../renderer/screens/images/size-tree.js';

type Leaf = readonly [
  object: number,
  section: number,
  kind: (typeof leafKinds)[number],
  name: string,
  size: number,
];

function sizesOf(objects: string[], rows: readonly Leaf[]): Sizes {
  const section = (name: string, one: SizeClass) => ({ name, address: '0x0', size: 0, class: one });
  return {
    ...{ attribution: 'link-map', hasFolders: true, namesFrom: 'symbols', notes: [] },
    memory: { total: 0, betweenSections: 0 },
    totals: {
      code: 0,
      rodata: 0,
      data: 0,
      bss: 0,
      total: 0,
      attributed: 0,
      named: 0,
      unnamed: 0,
      padding: 0,
    },
    sections: [section('.text', 'code'), section('.rodata', 'rodata'), section('.bss', 'bss')],
    objects,
    leaves: {
      length: rows.length,
      object: Int32Array.from(rows, ([object]) => object),
      section: Uint16Array.from(rows, ([, one]) => one),
      kind: Uint8Array.from(rows, ([, , kind]) => leafKinds.indexOf(kind)),
      name: rows.map(([, , , name]) => name),
      size: Float64Array.from(rows, ([, , , , size]) => size),
    },
  };
}

const sizes = sizesOf(
  ['mm/slab.o', 'mm/kasan/init.o', 'mm'],
  [
    [0, 0, 'function', 'kmalloc', 50],
    [0, 1, 'unnamed', '.rodata', 7],
    [0, 1, 'unnamed', '.rodata', 3],
    [1, 0, 'function', 'kasan_init', 20],
    [2, 0, 'function', 'odd', 5],
    [-1, 0, 'padding', 'padding', 6],
    [-1, 1, 'unnamed', '.rodata.str1.1', 30],
    [0, 2, 'object', 'cache', 1000],
  ],
);
const all = new Set(sizeParts);
const outline = (node: SizeNode): unknown[] => [
  node.name,
  node.size,
  ...node.children.map(outline),
];

describe("a kernel's sizes as a tree", () => {
  it('are folders, files and what is in them, the largest first', () => {
    expect(outline(sizeTree(sizes, new Set(['code', 'rodata', 'padding']), 'source'))).toEqual([
      'vmlinux',
      121,
      [
        'mm',
        80,
        ['slab.o', 60, ['kmalloc', 50], ['.rodata', 10]],
        ['kasan', 20, ['init.o', 20, ['kasan_init', 20]]],
      ],
      ['of no object file', 30, ['.rodata.str1.1', 30]],
      ['padding', 6, ['.text', 6]],
      // A file of the same name as a folder is another part.
      ['mm', 5, ['odd', 5]],
    ]);
  });

  it('are sections and what is in them, by the other order', () => {
    const tree = sizeTree(sizes, new Set(['bss', 'rodata']), 'section');
    expect(outline(tree)).toEqual([
      'vmlinux',
      1040,
      ['.bss', 1000, ['cache', 1000]],
      ['.rodata', 40, ['.rodata.str1.1', 30], ['.rodata', 10]],
    ]);
  });

  it('have parts that add up, by class too', () => {
    const check = (node: SizeNode): void => {
      if (node.children.length === 0) return;
      expect(node.children.reduce((sum, { size }) => sum + size, 0)).toBe(node.size);
      expect(node.bytes.reduce((sum, one) => sum + one, 0)).toBe(node.size);
      node.children.forEach(check);
    };
    check(sizeTree(sizes, all, 'source'));
  });

  it('find the same place again when other classes are shown, or the nearest that is left', () => {
    const full = sizeTree(sizes, all, 'source');
    const slab = full.children[0]!.children[0]!;
    const cache = slab.children[0]!;
    expect([pathOf(cache), trail(cache).length]).toEqual(['mm/slab.o/cache', 4]);
    const code = sizeTree(sizes, new Set(['code']), 'source');
    expect(pathOf(samePlace(code, cache))).toBe('mm/slab.o');
    expect(samePlace(code, full)).toBe(code);
  });

  it('have the colour of most of their bytes, padding its own', () => {
    const tree = sizeTree(sizes, all, 'source');
    expect(tree.children.map(colourOf)).toEqual([
      '--size-bss',
      '--size-rodata',
      '--size-padding',
      '--size-code',
    ]);
  });

  it('say how much of what is no padding has a file', () => {
    expect(attributed(sizes)).toEqual({ bytes: 1085, of: 1115 });
  });

  it('never round a part to nothing', () => {
    expect([shareText(1, 3), shareText(1, 1e7), shareText(0, 5), shareText(0, 0)]).toEqual([
      '33.3 %',
      '< 0.1 %',
      '0 %',
      '0 %',
    ]);
  });
});
