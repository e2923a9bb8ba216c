import { describe, expect, it } from 'vitest';
import { hazardText } from '../../../engine/patch/constants/hazards.js';
import { immediateFor } from '../../../engine/patch/constants/immediate.js';
import { constantRanges, variablesIn } from '../../../engine/patch/constants/variables.js';
import type { NameTable } from '../../../engine/kernel/names.js';
import type { PatchKernel } from '../../../engine/patch/kernel.js';

const kernel = 0xffffffff81000000n;
const text = { start: -0x7f000000, end: -0x7e000000 };
const image = { start: -0x7f000000, end: -0x7d000000 };

/** What an instruction at the start of the kernel becomes, in hexadecimal, or why it stays. */
function become(hex: string, value: bigint, size: number): string {
  const memory = Buffer.alloc(8);
  memory.writeBigUInt64LE(BigInt.asUintN(64, value));
  const replacement = immediateFor({
    bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex'),
    address: text.start,
    value: memory.subarray(0, size),
    ...{ image, text },
  });
  if (replacement.refused !== undefined) return replacement.refused;
  const { bytes, addressAt } = replacement;
  return Buffer.from(bytes).toString('hex') + (addressAt === undefined ? '' : ` @${addressAt}`);
}

describe('an immediate in place of a load', () => {
  it.each([
    ['mov m64, %rax, sign-extended', '48 8b 05 00000000', -1n, 8, '48c7c0ffffffff'],
    ['mov m64, %rax, zero-extended', '48 8b 05 00000000', 0xffffffffn, 8, '2ec7c0ffffffff'],
    ['mov m64, %r9', '4c 8b 0d 00000000', 5n, 8, '41c7c105000000'],
    ['mov m32, %eax', '8b 05 00000000', 0x64n, 4, 'c7c064000000'],
    ['an address, for KASLR', '48 8b 05 00000000', kernel + 0x10n, 8, '48c7c010000081 @3'],
    ['call *m', 'ff 15 00000000', kernel + 0x106n, 8, '2ee800010000'],
    ['cmp $0, m32 of 0', '83 3d 00000000 00', 0n, 4, '2e2e2e2e2e39c0'],
  ])('%s', (_, before, value, size, after) => {
    expect(become(before, value, size)).toBe(after);
  });

  it.each([
    ['no-room', 'a pointer to memory', '48 8b 05 00000000', 0xffff888000000000n, 8],
    ['no-room', 'a wide addend', '48 03 05 00000000', 1n << 31n, 8],
    ['order', 'cmp %eax, m32', '39 05 00000000', 0n, 4],
    ['flags', 'cmp $1, m32 of 0', '83 3d 00000000 01', 0n, 4],
    ['flags', 'testb $1, m8 of 3', 'f6 05 00000000 01', 3n, 1],
    ['not-text', 'call of a module', 'ff 15 00000000', 0xffffffffc0000000n, 8],
    ['writes', 'add $1, m32', '83 05 00000000 01', 0n, 4],
    ['no-form', 'cmove m32, %eax', '0f 44 05 00000000', 0n, 4],
    ['no-form', 'lock', 'f0 83 05 00000000 01', 0n, 4],
    ['no-form', 'a per-CPU variable', '65 8b 05 00000000', 0n, 4],
    ['no-form', 'an address in a register', '8b 40 10', 0n, 4],
    ['no-form', 'an index', '8b 04 c5 00000000', 0n, 4],
    ['no-form', 'half an instruction', '8b 05 00', 0n, 4],
  ])('is refused: %s (%s)', (why, _, before, value, size) => {
    expect(become(before, value, size)).toBe(why);
  });
});

/** A kernel of which only names are known. */
function named(rows: readonly [name: string, start: number, size?: number][]): PatchKernel {
  const names: NameTable = {
    length: rows.length,
    start: Float64Array.from(rows, ([, start]) => start),
    size: Float64Array.from(rows, ([, , size]) => size ?? 0),
    name: rows.map(([name]) => name),
    row: new Map(rows.map(([name], i) => [name, i])),
  };
  return { names } as PatchKernel;
}

describe('read-mostly variables', () => {
  const rows: [string, number, number?][] = [
    ['__start_ro_after_init', -1000],
    ['apic', -1000, 8],
    ['__start___jump_table', -992],
    ['__end_ro_after_init', -900],
    ['counter', -800, 4],
    ['__stop___dyndbg', -700],
    ['nr_cpu_ids', -640, 4],
    ['unsized', -632],
    ['_edata', -576],
  ];

  it('lie between labels, or behind the last table of .data', () => {
    expect(constantRanges(named(rows))).toEqual({
      ro_after_init: { start: -1000, end: -900 },
      read_mostly: { start: -640, end: -576 },
    });
  });

  it('are what has a name there, up to the next name where no size is known', () => {
    const kernelOf = named(rows);
    const { name, size } = variablesIn(kernelOf, constantRanges(kernelOf));
    expect(name).toEqual(['apic', 'nr_cpu_ids', 'unsized']);
    expect([...size]).toEqual([8, 4, 56]);
  });

  it('are none where nothing tells their bounds', () => {
    expect(constantRanges(named([['_edata', -576]]))).toEqual({});
  });
});

it('a hazard names some of those that cause it', () => {
  const hazard = { kind: 'stored', where: ['a', 'b', 'c'] } as const;
  expect(hazardText({ ...hazard, where: [...hazard.where] }, 2)).toBe(
    'written after boot (a, b, 1 more)',
  );
  expect(hazardText({ kind: 'changed', where: [] })).toBe('it changed while the workloads ran');
});
