import { describe, expect, it } from 'vitest';
import {
  compareBytes,
  compareParts,
  buildVmlinux,
  outcome,
  type Part,
  type Parts,
} from './kernel-builder.js';

const ret = 0xc3;
const call = (to: string, more: object = {}): Part => ({
  name: 'caller',
  bytes: [0xe8, 0, 0, 0, 0, ret],
  fields: [{ at: 1, to, ...more }],
});
const filler: Part = { name: 'filler', bytes: new Array<number>(0x40).fill(0x90) };

/** Loads the address of something: `lea X(%rip),%rdi; ret`. */
const lea = (name: string, to: string, more: object = {}): Part => ({
  name,
  bytes: [0x48, 0x8d, 0x3d, 0, 0, 0, 0, ret],
  fields: [{ at: 3, to, ...more }],
});
const text = (words: string): number[] => [...Buffer.from(`${words}\0`)];

describe('verdicts on functions', () => {
  it('tells identical bytes, moved addresses, other code and one-sided ones apart', async () => {
    const common: Part[] = [
      { name: 'leaf', bytes: [0x31, 0xc0, ret] },
      call('leaf'),
      { name: 'changed', bytes: [0x31, 0xc0, ret] },
    ];
    const b = [common[0]!, filler, common[1]!, { name: 'changed', bytes: [0x29, 0xc0, ret] }];
    expect(
      outcome(
        await compareParts(
          { '.text': [...common, { name: 'gone', bytes: [ret] }] },
          { '.text': b },
        ),
      ),
    ).toEqual({
      leaf: 'identical',
      caller: 'addresses',
      changed: 'differs: other',
      gone: 'only-a',
      filler: 'only-b',
    });
  });

  it.each([{ resolved: true }, { resolved: false }])(
    'follows calls with and without a relocation: %j',
    async (how) => {
      const leaf: Part = { name: 'leaf', bytes: [ret] };
      const other: Part = { name: 'other', bytes: [0x90, ret] };
      const a: Parts = { '.text': [leaf, other, call('leaf', how)] };
      expect(
        outcome(
          await compareParts(a, {
            '.text': [other, filler, leaf, call('leaf', { resolved: true })],
          }),
        ),
      ).toMatchObject({
        caller: 'addresses',
      });
      // The same bytes, but what is called has moved: no longer the same function.
      const swapped: Parts = {
        '.text': [{ ...other, bytes: [0x90] }, { ...leaf, bytes: [0x90] }, call('other', how)],
      };
      const before: Parts = {
        '.text': [{ ...leaf, bytes: [0x90] }, { ...other, bytes: [0x90] }, call('leaf', how)],
      };
      expect(outcome(await compareParts(before, swapped, 0))).toMatchObject({
        caller: 'differs: reference',
      });
    },
  );

  it('resolves merged strings to their text, wherever they are', async () => {
    const a: Parts = {
      '.text': [lea('says', '.rodata#1'), lea('shouts', '.rodata#0')],
      '.rodata': [{ bytes: text('loud') }, { bytes: text('hello') }],
    };
    const b: Parts = {
      '.text': [lea('says', '.rodata#0'), lea('shouts', '.rodata#1')],
      '.rodata': [{ bytes: text('hello') }, { bytes: text('LOUD') }],
    };
    expect(outcome(await compareParts(a, b))).toEqual({
      says: 'addresses',
      shouts: 'differs: reference',
    });
  });

  it('compares what an operand takes of nameless constants, not the text behind it', async () => {
    // movzwl X(%rip),%eax; ret
    const load: Part = {
      ...{ name: 'load', bytes: [0x0f, 0xb7, 0x05, 0, 0, 0, 0, ret] },
      fields: [{ at: 3, to: '.rodata#0' }],
    };
    const rodata = (tail: string): Part[] => [{ bytes: [1, 1, ...Buffer.from(tail)] }];
    const a: Parts = { '.text': [load], '.rodata': rodata('this\0') };
    expect(
      outcome(await compareParts(a, { '.text': [load], '.rodata': rodata('that\0') })),
    ).toEqual({
      load: 'identical',
    });
  });

  it('follows the table of a switch, also one that begins with a zero', async () => {
    // jmp *table(,%rax,8), its table of two cases: addresses that end in 00
    const cases = (first: number): Parts => ({
      '.text': [
        {
          name: 'switch',
          bytes: [0x48, 0x8d, 0x3d, 0, 0, 0, 0, ret],
          fields: [{ at: 3, to: '.rodata#0' }],
        },
        { name: 'far', bytes: new Array<number>(0x300).fill(0x90) },
      ],
      '.rodata': [
        {
          bytes: new Array<number>(16).fill(0),
          fields: [
            { at: 0, to: 'far', addend: 0xf0, size: 8 },
            { at: 8, to: 'far', addend: first, size: 8 },
          ],
        },
      ],
    });
    const same = await compareParts(cases(0x1f0), cases(0x1f0), 0x1000);
    expect(outcome(same)).toMatchObject({ switch: 'identical' });
    const other = await compareParts(cases(0x1f0), cases(0x2f0), 0x1000);
    expect(outcome(other)).toMatchObject({ switch: 'differs: reference' });
  });

  it('takes the end of an array and a place before it for what they are', async () => {
    const array = (name: string): Part => ({
      name,
      file: 'a.c',
      bytes: new Array<number>(16).fill(7),
    });
    // lea list(%rip),%rdi; lea list+16(%rip),%rsi; ret
    const loop: Part = {
      ...{ name: 'loop', bytes: [0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x48, 0x8d, 0x35, 0, 0, 0, 0, ret] },
      fields: [
        { at: 3, to: 'list', viaSection: true },
        { at: 10, to: 'list', addend: 16, viaSection: true },
      ],
    };
    const a: Parts = { '.text': [loop], '.data': [array('list'), array('next')] };
    const b: Parts = { '.text': [loop], '.data': [array('list'), array('new'), array('next')] };
    expect(outcome(await compareParts(a, b))).toEqual({ loop: 'identical' });
    // Without the array itself nothing says that it is meant, and not what lies behind it.
    const ends = lea('end', 'list', { addend: 16, viaSection: true });
    const [alone, other]: Parts[] = [
      { ...a, '.text': [ends] },
      { ...b, '.text': [ends] },
    ];
    expect(outcome(await compareParts(alone!, other!))).toEqual({ end: 'differs: reference' });
  });

  it('tells what lies before the same neighbour apart', async () => {
    const named = (name: string): Part => ({ name, bytes: [0x31, 0xc0, ret] });
    const kernel = (to: string): Parts => ({
      '.text': [call(to), named(to), named('neighbour')],
    });
    expect(outcome(await compareParts(kernel('one'), kernel('two')))).toMatchObject({
      caller: 'differs: reference',
      neighbour: 'identical',
    });
    const object = (name: string): Part => ({ name, file: 'a.c', bytes: [1] });
    const data = (to: string): Parts => ({
      '.text': [lea('user', to, { viaSection: true })],
      '.data': [object(to), object('neighbour')],
    });
    expect(outcome(await compareParts(data('one'), data('two')))).toEqual({
      user: 'differs: reference',
    });
  });

  it('does not take numbers that begin with a letter or a zero for a text', async () => {
    const numbers = (...values: number[]): Parts => ({
      '.text': [lea('user', '.rodata#0')],
      '.rodata': [{ bytes: values.flatMap((value) => [value, 0, 0, 0]) }],
    });
    for (const first of [0, 1, 0x41]) {
      const [a, same, b] = [numbers(first, 2, 3), numbers(first, 2, 3), numbers(first, 5, 3)];
      expect(outcome(await compareParts(a, same))).toEqual({ user: 'identical' });
      expect(outcome(await compareParts(a, b))).toEqual({ user: 'differs: reference' });
    }
  });

  it('follows a nameless pointer that an operand takes', async () => {
    // mov X(%rip),%rax; ret: X holds the address of one of two functions
    const load: Part = {
      ...{ name: 'load', bytes: [0x48, 0x8b, 0x05, 0, 0, 0, 0, ret] },
      fields: [{ at: 3, to: '.rodata#0' }],
    };
    const kernel = (...order: string[]): Parts => ({
      '.text': [load, ...order.map((name): Part => ({ name, bytes: [ret] }))],
      '.rodata': [
        { bytes: new Array<number>(8).fill(0), fields: [{ at: 0, to: order[0]!, size: 8 }] },
      ],
    });
    expect(outcome(await compareParts(kernel('one', 'two'), kernel('one', 'two')))).toMatchObject({
      load: 'identical',
    });
    // The same address holds another function.
    expect(
      outcome(await compareParts(kernel('one', 'two'), kernel('two', 'one'), 0)),
    ).toMatchObject({ load: 'differs: reference' });
  });

  it('ends where nameless data leads back to itself', async () => {
    const ring = (): Parts => ({
      '.text': [lea('user', '.rodata#0')],
      '.rodata': [0, 1].map((i) => ({
        bytes: new Array<number>(8).fill(0),
        fields: [{ at: 0, to: `.rodata#${1 - i}`, size: 8 as const }],
      })),
    });
    expect(outcome(await compareParts(ring(), ring()))).toEqual({ user: 'differs: reference' });
  });

  it('follows a piece of cold code back into a function that changed', async () => {
    // A nop more in front moves the place to which the cold part jumps back.
    const hot = (front: number[]): Part => ({
      name: 'f',
      bytes: [...front, 0x0f, 0x84, 0, 0, 0, 0, 0x31, 0xc0, ret],
      fields: [{ at: front.length + 2, to: 'f.cold' }],
    });
    const cold = (addend: number): Part => ({
      ...{ name: 'f.cold', bytes: [0xff, 0xc0, 0xe9, 0, 0, 0, 0] },
      fields: [{ at: 3, to: 'f', addend }],
    });
    const a: Parts = { '.text': [hot([0x85, 0xc0]), cold(8)] };
    const right: Parts = { '.text': [hot([0xff, 0xc9, 0x85, 0xc0]), cold(10)] };
    expect(outcome(await compareParts(a, right))).toMatchObject({ 'f.cold': 'addresses' });
    const wrong: Parts = { '.text': [hot([0xff, 0xc9, 0x85, 0xc0]), cold(12)] };
    expect(outcome(await compareParts(a, wrong))['f.cold']).toMatch(/^differs/);
    // As far from the start as before, but another instruction is there now.
    const other: Parts = { '.text': [hot([0xff, 0xc9, 0x85, 0xc0]), cold(8)] };
    expect(outcome(await compareParts(a, other))['f.cold']).toMatch(/^differs/);
  });
});

describe('pairing', () => {
  it('matches copies that the compiler renamed', async () => {
    const body = [0x31, 0xc0, ret];
    const a = [
      { name: 'f.isra.0', file: 'a.c', bytes: body },
      { name: 'g', file: 'a.c', bytes: [ret] },
    ];
    const b = [
      { name: 'f.constprop.0.isra.3', file: 'a.c', bytes: body },
      { name: 'g.2', file: 'a.c', bytes: [ret] },
    ];
    expect(outcome(await compareParts({ '.text': a }, { '.text': b }))).toEqual({
      'f.isra.0': 'identical',
      g: 'identical',
    });
  });

  it('matches static functions of one name by file, then by content', async () => {
    const init = (file: string, value: number): Part => ({
      name: 'init',
      file,
      bytes: [0xb0, value, ret],
    });
    const a = [init('a.c', 1), init('b.c', 2), init('core.c', 3), init('core.c', 4)];
    const b = [init('b.c', 2), init('core.c', 4), init('core.c', 3), init('a.c', 9)];
    const { functions } = await compareParts({ '.text': a }, { '.text': b });
    expect([...functions.b]).toEqual([3, 0, 2, 1]);
    expect([...functions.verdict]).toEqual([2, 0, 0, 0]);
  });

  it('does not pair numbered objects of different sizes', async () => {
    const object = (name: string, size: number): Part => ({
      name,
      file: 'a.c',
      bytes: new Array<number>(size).fill(1),
    });
    const comparison = await compareParts(
      { '.rodata': [object('__func__.1', 8)] },
      { '.rodata': [object('__func__.1', 12), object('__func__.2', 8)] },
    );
    expect(outcome(comparison, comparison.objects)).toEqual({
      '__func__.1': 'only-b',
    });
    expect([...comparison.objects.verdict].sort()).toEqual([0, 4]);
  });

  it('finds a function under any of its names', async () => {
    const a = [{ name: 'first', aliases: ['second'], bytes: [ret] }];
    const b = [{ name: 'second', bytes: [ret] }];
    expect(outcome(await compareParts({ '.text': a }, { '.text': b }))).toEqual({
      first: 'identical',
    });
  });
});

describe('data', () => {
  it('compares objects by what their pointers lead to', async () => {
    const ops = (to: string): Part => ({
      name: 'ops',
      bytes: new Array<number>(8).fill(0),
      fields: [{ at: 0, to, size: 8 }],
    });
    const functions: Part[] = [
      { name: 'one', bytes: [ret] },
      { name: 'two', bytes: [ret] },
    ];
    const a: Parts = { '.text': functions, '.data': [ops('one')] };
    const same = await compareParts(a, {
      '.text': [...functions].reverse(),
      '.data': [ops('one')],
    });
    expect(outcome(same, same.objects)).toEqual({ ops: 'addresses' });
    const other = await compareParts(a, { '.text': functions, '.data': [ops('two')] });
    expect(outcome(other, other.objects)).toEqual({ ops: 'differs' });
  });

  it('accounts for every byte that is loaded', async () => {
    const { a, b, functions, objects, remainders } = await compareParts(
      { '.text': [filler, { bytes: [1, 2, 3] }, call('filler')], '.data': [{ bytes: text('x') }] },
      { '.text': [call('filler'), filler], '.data': [{ name: 'x', bytes: text('xy') }] },
    );
    const loaded = (side: typeof a): number =>
      side.image.sections.reduce((sum, { size }) => sum + size, 0);
    const rows = (table: typeof functions, rowsOf: Int32Array, side: typeof a): number =>
      rowsOf
        .subarray(0, table.length)
        .reduce((sum, row) => sum + (side.places.table.size[row] ?? 0), 0);
    const rest = (which: 'sizeA' | 'sizeB'): number =>
      remainders.reduce((sum, remainder) => sum + remainder[which], 0);
    expect(rows(functions, functions.a, a) + rows(objects, objects.a, a) + rest('sizeA')).toBe(
      loaded(a),
    );
    expect(rows(functions, functions.b, b) + rows(objects, objects.b, b) + rest('sizeB')).toBe(
      loaded(b),
    );
  });

  it('counts what has no symbol once on both sides, in any order', async () => {
    const strings = (list: string[]): Part[] => list.map((words) => ({ bytes: text(words) }));
    const { remainders } = await compareParts(
      { '.rodata': strings(['red', 'green', 'only here']) },
      { '.rodata': strings(['green', 'blue', 'red']) },
    );
    expect(remainders).toMatchObject([
      { section: '.rodata', sizeA: 48, sizeB: 48, sharedA: 10, sharedB: 10 },
    ]);
    const { paddingA, sizeA } = remainders[0]!;
    expect(sizeA - paddingA).toBe('red'.length + 'green'.length + 'only here'.length + 3);
  });
});

describe('what cannot be compared', () => {
  it.each([
    ['another machine', { machine: 183 }, 'compare-not-x86'],
    ['a file without symbols', { machine: 62 }, 'compare-no-symbols'],
  ])('refuses %s', async (_what, request, code) => {
    const { buildElf } = await import('../../support/elf-builder.js');
    const whole = buildVmlinux({ '.text': [filler] });
    await expect(compareBytes(whole, buildElf(request))).rejects.toMatchObject({ code });
  });

  it('refuses sections that overlap in memory', async () => {
    const whole = buildVmlinux({ '.text': [filler], '.data': [filler] });
    const view = new DataView(whole.buffer, whole.byteOffset);
    const shoff = Number(view.getBigUint64(40, true));
    view.setBigUint64(shoff + 2 * 64 + 16, 0xffffffff81000010n, true);
    await expect(compareBytes(whole, whole)).rejects.toMatchObject({ code: 'kernel-overlap' });
  });

  it('stops when it is cancelled', async () => {
    const { compareKernels } = await import('../../../engine/compare/index.js');
    const { memorySource } = await import('../../../engine/elf/index.js');
    const controller = new AbortController();
    const kernel = { source: memorySource(buildVmlinux({ '.text': [filler] })), label: 'a' };
    const ended: string[] = [];
    const running = compareKernels(kernel, kernel, {
      signal: controller.signal,
      onProgress: (event) => {
        controller.abort();
        if (event.kind === 'end') ended.push(event.result);
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(ended).toEqual(['cancelled']);
  });
});
