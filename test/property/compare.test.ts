import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../engine/compare/align.js';
import { bloatOMeter, functionsNamed, sideBySide } from '../../engine/compare/index.js';
import { diffReport } from '../../engine/compare/report.js';
import { readElf, memorySource } from '../../engine/elf/index.js';
import { LabError } from '../../engine/errors/lab-error.js';
import {
  buildVmlinux,
  compareBytes,
  compareParts,
  outcome,
  type Field,
  type Part,
  type Parts,
} from '../unit/compare/kernel-builder.js';

/** An instruction: its bytes, and where it has an address field. */
interface Piece {
  bytes: number[];
  field?: number;
  data?: boolean;
}

const pieces: Piece[] = [
  { bytes: [0x31, 0xc0] }, // xor %eax,%eax
  { bytes: [0x8b, 0x47, 0x10] }, // mov 0x10(%rdi),%eax
  { bytes: [0x48, 0x83, 0xc4, 0x08] }, // add $8,%rsp
  { bytes: [0xe8, 0, 0, 0, 0], field: 1 }, // call X
  { bytes: [0x0f, 0x84, 0, 0, 0, 0], field: 2 }, // je X
  { bytes: [0x48, 0x8d, 0x3d, 0, 0, 0, 0], field: 3, data: true }, // lea X(%rip),%rdi
  { bytes: [0xc7, 0x05, 0, 0, 0, 0, 9, 0, 0, 0], field: 2, data: true }, // movl $9,X+4(%rip)
];

const body = fc
  .array(fc.tuple(fc.constantFrom(...pieces), fc.nat(2), fc.boolean()), {
    minLength: 1,
    maxLength: 20,
  })
  .map((chosen): Part => {
    const bytes: number[] = [];
    const fields: Field[] = [];
    for (const [piece, target, resolved] of chosen) {
      if (piece.field !== undefined) {
        const to = piece.data === true ? `.data#${target}` : `g${target}`;
        // The assembler resolves only what is in the same section.
        fields.push({
          at: bytes.length + piece.field,
          to,
          resolved: resolved && piece.data !== true,
        });
      }
      bytes.push(...piece.bytes);
    }
    return { name: 'f', bytes: [...bytes, 0xc3], fields };
  });

const callees: Part[] = [0, 1, 2].map((i) => ({ name: `g${i}`, bytes: [0xb0, i, 0xc3] }));
const objects: Part[] = [0, 1, 2].map((i) => ({
  name: `v${i}`,
  bytes: new Array<number>(32).fill(i),
}));
const filler = (size: number): Part[] =>
  size === 0 ? [] : [{ name: 'filler', bytes: new Array<number>(size).fill(0xcc) }];

/** The callees in another order, with something between them: every field gets another value. */
function moved(f: Part, gap: number, order: boolean): Parts {
  const text = [...callees, ...filler(gap), f];
  return { '.text': order ? text : text.reverse(), '.data': objects };
}

describe('verdicts', () => {
  it('keep a function the same when everything around it moves', async () => {
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.nat(300),
        fc.boolean(),
        fc.nat(0xffff),
        async (f, gap, order, shift) => {
          const a: Parts = { '.text': [...callees, f], '.data': objects };
          const result = outcome(await compareParts(a, moved(f, gap, order), shift * 16));
          expect(result['f']).toMatch(/^(identical|addresses)$/);
        },
      ),
    );
  });

  it('tell every changed byte outside of address fields', async () => {
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(300),
        async (f, at, change, gap) => {
          const inField = (i: number): boolean =>
            f.fields!.some((field) => i >= field.at && i < field.at + 4);
          const candidates = f.bytes.map((_, i) => i).filter((i) => !inField(i));
          const where = candidates[at % candidates.length]!;
          const bytes = f.bytes.map((byte, i) => (i === where ? byte ^ change : byte));
          const a: Parts = { '.text': [...callees, f], '.data': objects };
          const result = outcome(await compareParts(a, moved({ ...f, bytes }, gap, true)));
          expect(result['f']).toMatch(/^differs: /);
        },
      ),
    );
  });

  it('tell every field that leads elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.nat(), async (f, which) => {
        fc.pre(f.fields!.length > 0);
        const fields = f.fields!.map((field, i) => {
          if (i !== which % f.fields!.length) return field;
          const other = field.to.replace(/\d$/, (digit) => String((Number(digit) + 1) % 3));
          return { ...field, to: other };
        });
        const a: Parts = { '.text': [...callees, f], '.data': objects };
        const result = outcome(await compareParts(a, moved({ ...f, fields }, 16, true)));
        expect(result['f']).toMatch(/^differs: /);
      }),
    );
  });
});

describe('alignment', () => {
  it('is a common subsequence, and a longest one where it need not cut', () => {
    const sequence = fc.array(fc.nat(4), { maxLength: 40 });
    fc.assert(
      fc.property(sequence, sequence, fc.integer({ min: 1, max: 100 }), (a, b, most) => {
        const found = align(a, b, most);
        for (let i = 0; i < found.length; i++) {
          expect(a[found.a[i]!]).toBe(b[found.b[i]!]);
          if (i > 0) expect(found.a[i]!).toBeGreaterThan(found.a[i - 1]!);
          if (i > 0) expect(found.b[i]!).toBeGreaterThan(found.b[i - 1]!);
        }
        expect(align(a, b, a.length + b.length).length).toBe(longest(a, b));
      }),
      { numRuns: 500 },
    );
  });
});

/** The textbook's quadratic table. */
function longest(a: number[], b: number[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    b.forEach((y, j) => next.push(x === y ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!)));
    row = next;
  }
  return row.at(-1)!;
}

const sample = buildVmlinux({
  '.text': [
    { name: 'f', file: 'a.c', bytes: [0xe8, 0, 0, 0, 0, 0xc3], fields: [{ at: 1, to: 'f.cold' }] },
    {
      name: 'f.cold',
      file: 'a.c',
      bytes: [0xe9, 0, 0, 0, 0],
      fields: [{ at: 1, to: 'f', addend: 5 }],
    },
  ],
  '.altinstructions': [
    {
      bytes: new Array<number>(24).fill(1),
      fields: [
        { at: 0, to: 'f' },
        { at: 12, to: 'f' },
      ],
    },
  ],
  '.rodata': [
    { bytes: [...Buffer.from('text\0')] },
    {
      name: '__start___jump_table',
      unsized: true,
      bytes: new Array<number>(16).fill(2),
      fields: [{ at: 0, to: 'f' }],
    },
    { name: '__stop___jump_table', unsized: true, bytes: [0] },
  ],
  '.data': [
    { name: 'pv_ops', bytes: new Array<number>(16).fill(0), fields: [{ at: 0, to: 'f', size: 8 }] },
  ],
});

/** Everything that can be asked: an answer, or an error of the catalogue. */
async function answerOrLabError(a: Uint8Array, b: Uint8Array): Promise<void> {
  try {
    const comparison = await compareBytes(a, b);
    diffReport(comparison, true);
    for (let i = 0; i < comparison.functions.length; i++) sideBySide(comparison, i);
    functionsNamed(comparison, 'f');
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
  }
  try {
    bloatOMeter({ source: memorySource(a), label: 'a' }, { source: memorySource(b), label: 'b' });
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
  }
}

describe('hostile kernels', () => {
  it('are answered or refused with bytes changed anywhere', async () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = new Uint8Array(sample);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        await answerOrLabError(sample, bytes);
        await answerOrLabError(bytes, bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('are answered or refused with any word of the tables at its extremes', async () => {
    const { header, sections } = readElf(memorySource(sample));
    const tables = sections.filter(({ type }) => type === 2 || type === 4);
    const places = [
      ...range(header.shoff, sample.length),
      ...tables.flatMap(({ offset, size }) => range(offset, offset + size)),
    ];
    for (const at of places) {
      for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
        const bytes = new Uint8Array(sample);
        new DataView(bytes.buffer).setUint32(at, value, true);
        await answerOrLabError(sample, bytes);
      }
    }
  });

  it('are refused where a section is so far out that addresses would be rounded', async () => {
    const bytes = new Uint8Array(sample);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(
      readElf(memorySource(sample)).header.shoff + 64 + 16,
      0x7f00000000000000n,
      true,
    );
    await expect(compareBytes(bytes, sample)).rejects.toMatchObject({
      code: 'kernel-far-address',
    });
  });

  it('are answered in time when ten thousand functions claim the same megabyte', async () => {
    const bytes = new Array<number>(1 << 20).fill(0x90);
    const parts: Parts = { '.text': [{ name: 'all', bytes }] };
    const whole = buildVmlinux(parts);
    const elf = readElf(memorySource(whole));
    const symtab = elf.sections.find(({ type }) => type === 2)!;
    // Symbol after symbol is laid over the text, one byte further each, all to its end.
    const count = 10_000;
    const grown = new Uint8Array(whole.length + count * 24);
    grown.set(whole);
    const view = new DataView(grown.buffer);
    for (let i = 0; i < count; i++) {
      const at = whole.length + i * 24;
      view.setUint32(at, 1, true);
      view.setUint8(at + 4, 0x12);
      view.setUint16(at + 6, 1, true);
      view.setBigUint64(at + 8, 0xffffffff81000000n + BigInt(i), true);
      view.setBigUint64(at + 16, BigInt(1 << 20), true);
    }
    const headerAt = elf.header.shoff + symtab.index * 64;
    view.setBigUint64(headerAt + 24, BigInt(whole.length), true);
    view.setBigUint64(headerAt + 32, BigInt(count * 24), true);
    const comparison = await compareBytes(grown, grown);
    expect(comparison.functions.length).toBe(count);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.floor((to - from) / 4) }, (_, i) => from + 4 * i);
}
