import { describe, expect, it } from 'vitest';
import type { PatchKernel } from '../../../engine/patch/kernel.js';
import { compareText } from '../../../engine/patch/text-comparison.js';
import type { KernelMemory } from '../../../engine/patch/types.js';
import { kernelMemory } from '../../../engine/patch/observe/index.js';
import { tableKernel, textAt } from '../../support/table-kernel.js';
import { labError } from '../../support/lab-error.js';

const size = 0x1000;

/** A kernel's code in a file and in memory, with bytes of each changed, by offset. */
function compared(
  kernel: PatchKernel,
  file: Readonly<Record<number, number>>,
  memory: Readonly<Record<number, number>>,
  isLeft?: (address: number) => boolean,
) {
  const payload = Uint8Array.from(kernel.payload);
  const seen = kernel.payload.slice(0, size);
  for (const [at, byte] of Object.entries(file)) payload[Number(at)] = byte;
  for (const [at, byte] of Object.entries(memory)) seen[Number(at)] = byte;
  return compareText(kernel, payload, kernelMemory(textAt, seen), isLeft);
}

describe('comparing text with memory', () => {
  const kernel = tableKernel({});

  it('is equal where the file has what boot made of it', () => {
    const same = { 0: 1, 0x10: 2, 0xfff: 3 };
    expect(compared(kernel, same, same)).toEqual({
      ...{ size, changedAtBoot: 3, different: 0, left: 0, byName: 0, runs: [] },
    });
  });

  it('lists runs with the bytes of both, up to the last byte', () => {
    const result = compared(kernel, { 4: 9 }, { 5: 1, 6: 2, 0xfff: 3 });
    expect(result).toMatchObject({ size, changedAtBoot: 3, different: 4 });
    expect(result.runs).toEqual([
      {
        address: textAt + 4,
        file: Uint8Array.of(9, 0xcc, 0xcc),
        memory: Uint8Array.of(0xcc, 1, 2),
      },
      { address: textAt + 0xfff, file: Uint8Array.of(0xcc), memory: Uint8Array.of(3) },
    ]);
  });

  it('counts what was to be left to the kernel apart', () => {
    const isLeft = (address: number) => address < textAt + 6;
    expect(compared(kernel, {}, { 4: 1, 5: 1, 6: 1, 9: 1 }, isLeft)).toMatchObject({
      ...{ different: 4, left: 2 },
    });
  });

  it('counts what is written by name apart, and only that', () => {
    const named = tableKernel({ names: { early_xen_iret_patch: textAt + 0x20 } });
    const result = compared(named, {}, { 0x1f: 1, 0x20: 1, 0x24: 1, 0x25: 1 });
    expect(result).toMatchObject({ byName: 2, different: 2, changedAtBoot: 4 });
    expect(result.runs.map(({ address }) => address - textAt)).toEqual([0x1f, 0x25]);
  });

  it('leaves memory as it was, which others look at too', () => {
    const named = tableKernel({ names: { early_xen_iret_patch: textAt + 0x20 } });
    const seen = Buffer.from(kernel.payload.subarray(0, size)).fill(1, 0x20, 0x25);
    compareText(named, named.payload, kernelMemory(textAt, seen));
    expect(seen.subarray(0x20, 0x25).toString('hex')).toBe('0101010101');
  });

  it('counts more differences than it lists', () => {
    const every = Object.fromEntries(Array.from({ length: size / 2 }, (_, i) => [2 * i, 1]));
    const result = compared(kernel, {}, every);
    expect(result.different).toBe(size / 2);
    expect(result.runs).toHaveLength(1000);
  });

  it('refuses memory that does not hold all of it', () => {
    const short: KernelMemory = kernelMemory(textAt, new Uint8Array(size - 1));
    expect(() => compareText(kernel, kernel.payload, short)).toThrow(
      labError('patch-memory-missing'),
    );
  });
});
