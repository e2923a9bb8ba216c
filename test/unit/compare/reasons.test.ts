import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../../engine/compare/index.js';
import { sideBySideText } from '../../../engine/compare/side-by-side-text.js';
import { compareParts, outcome, type Field, type Part, type Parts } from './kernel-builder.js';

const ret = 0xc3;
const pushf = 0x9c;
const popRax = 0x58;
const xorEax = [0x31, 0xc0];

/** A function and what it calls and refers to, in a kernel of its own. */
function kernel(bytes: number[], fields: Field[] = [], more: Parts = {}): Parts {
  const callees = ['one', 'two'].map((name): Part => ({ name, bytes: [0x0f, 0x0b] }));
  const pvOps: Part = {
    ...{ name: 'pv_ops', bytes: new Array<number>(16).fill(0) },
    fields: [{ at: 8, to: 'native_save_fl', size: 8 }],
  };
  const native: Part = { name: 'native_save_fl', bytes: [pushf, popRax, ret] };
  const text: Part[] = [{ name: 'f', bytes, fields }, native, ...callees];
  return { '.text': text, '.data': [pvOps], ...more };
}

/** `call X` or `jmp X`, its field at +1. */
const call = [0xe8, 0, 0, 0, 0];
/** `call *X(%rip)`, its field at +2. */
const callThrough = [0xff, 0x15, 0, 0, 0, 0];
/** `{ int instr_offset, repl_offset; u16 feature; u8 instrlen, replacementlen; }` */
const alternativeEntry = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 0];

const alternatives = (at: number, before: readonly Part[] = []): Parts => ({
  '.altinstr_replacement': [...before, { bytes: [0x0f, 0x01, 0xcb] }],
  '.altinstructions': [
    {
      bytes: [...alternativeEntry, ...alternativeEntry],
      fields: [0, 12].flatMap((entry): Field[] => [
        { at: entry, to: 'f', addend: at },
        { at: entry + 4, to: `.altinstr_replacement#${before.length}` },
      ]),
    },
  ],
});

/** Two entries of the jump table, both for the first two bytes of f. */
const jumpTable = (): Part[] => [
  {
    ...{ name: '__start___jump_table', unsized: true, bytes: new Array<number>(32).fill(0) },
    fields: [0, 16].flatMap((entry): Field[] => [
      { at: entry, to: 'f' },
      { at: entry + 4, to: 'f', addend: 2 },
      { at: entry + 8, to: 'pv_ops', size: 8 },
    ]),
  },
  { name: '__stop___jump_table', unsized: true, bytes: [0] },
];

const cases: [string, Parts, Parts][] = [
  [
    'paravirt',
    kernel([pushf, popRax, ret]),
    kernel([...callThrough, ret], [{ at: 2, to: 'pv_ops', addend: 8 }]),
  ],
  [
    'alternative',
    kernel([...xorEax, ret]),
    kernel([0x0f, 0x1f, 0x00, ...xorEax, ret], [], alternatives(0)),
  ],
  [
    'static-key',
    kernel([...xorEax, ret]),
    kernel([0x66, 0x90, ...xorEax, ret], [], { '.rodata': jumpTable() }),
  ],
  [
    'structure', // mov 0x10(%rdi),%eax -> mov 0x18(%rdi),%eax
    kernel([0x8b, 0x47, 0x10, ret]),
    kernel([0x8b, 0x47, 0x18, ret]),
  ],
  [
    'inlining',
    kernel([...call, ...xorEax, ret], [{ at: 1, to: 'one' }]),
    kernel([0xff, 0xc7, 0xff, 0xc7, ...xorEax, ret]),
  ],
  [
    'registers', // mov (%rdi),%eax; inc %eax -> the same with %ecx
    kernel([0x8b, 0x07, 0xff, 0xc0, ret]),
    kernel([0x8b, 0x0f, 0xff, 0xc1, ret]),
  ],
  [
    'reference',
    kernel([...call, ret], [{ at: 1, to: 'one' }]),
    kernel([...call, ret], [{ at: 1, to: 'two' }]),
  ],
  [
    'layout', // a jump over a nop of three bytes
    kernel([0x74, 0x02, ...xorEax, ret]),
    kernel([0x74, 0x05, 0x0f, 0x1f, 0x00, ...xorEax, ret]),
  ],
  ['layout', kernel([0x31, 0xc0, ret]), kernel([0x33, 0xc0, ret])],
  ['other', kernel([0x74, 0x02, ...xorEax, ret]), kernel([0x74, 0x00, ...xorEax, ret])],
  ['other', kernel([...xorEax, ret]), kernel([0xf7, 0xd8, 0x0f, 0xa2, ret])],
];

describe('reasons', () => {
  it.each(cases)('finds %s', async (reason, a, b) => {
    expect(outcome(await compareParts(a, b))).toMatchObject({ f: `differs: ${reason}` });
    expect(outcome(await compareParts(b, a))).toMatchObject({ f: `differs: ${reason}` });
  });

  it('does not take a patch site for the reason when it is on both sides', async () => {
    const body = (offset: number): number[] => [0x0f, 0x1f, 0x00, 0x8b, 0x47, offset, ret];
    const [a, b] = [16, 24].map((offset) => kernel(body(offset), [], alternatives(0)));
    expect(outcome(await compareParts(a!, b!))).toMatchObject({ f: 'differs: structure' });
  });

  it('keeps a function the same when only its replacement code lies elsewhere', async () => {
    const a = kernel([0x0f, 0x1f, 0x00, ret], [], alternatives(0));
    const b = kernel([0x0f, 0x1f, 0x00, ret], [], alternatives(0, [{ bytes: [0x0f, 0xae, 0xe8] }]));
    const comparison = await compareParts(a, b);
    expect(outcome(comparison)).toMatchObject({ f: 'identical' });
    const table = comparison.remainders.find(({ section }) => section === '.altinstructions');
    expect(table).toMatchObject({ sharedA: 24, sharedB: 24 });
  });
});

describe('side by side', () => {
  it('names functions, members of pv_ops and what differs', async () => {
    const [, a, b] = cases[0]!;
    const comparison = await compareParts(
      a,
      { ...b, '.data': [...b['.data']!, { name: 'spare', bytes: [1] }] },
      0,
    );
    const index = Array.from(comparison.functions.a).indexOf(0);
    const shown = sideBySide(comparison, index);
    expect(shown).toMatchObject({ verdict: 'differs', reason: 'paravirt' });
    expect(sideBySideText(shown, { labelA: 'native', labelB: 'xen', width: 100 })).toBe(
      [
        'f: differs: paravirt',
        'native: ffffffff81000000, 3 bytes                    xen: ffffffff81000000, 7 bytes',
        '    0: pushf                                    <',
        '    1: pop    %rax                              <',
        '                                                >P       0: callq  *pv_ops+0x8 (save_fl)(%rip)',
        '    2: ret                                               6: ret',
      ].join('\n'),
    );
  });

  it('stays within its width, and shows control characters as text', async () => {
    const lea = [0x48, 0x8d, 0x3d, 0, 0, 0, 0, ret];
    const rodata = {
      '.rodata': [{ bytes: [...Buffer.from(`\u00016\u001b[2J${'long '.repeat(40)}\0`)] }],
    };
    const parts = kernel(lea, [{ at: 3, to: '.rodata#0' }], rodata);
    const comparison = await compareParts(parts, kernel([ret], [], rodata));
    const text = sideBySideText(sideBySide(comparison, 0), { labelA: 'a', labelB: 'b' });
    expect(text).toContain('"\\0016\\033[2Jlong');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
