import { describe, expect, it } from 'vitest';
import type { PatchKernel } from '../../../engine/patch/kernel.js';
import { findKernel, type ReadPhysical } from '../../../engine/patch/observe/anchor.js';
import { kernelMemory } from '../../../engine/patch/observe/index.js';
import { dataStart, constantsStart, smallKernel, textStart } from '../../support/small-kernel.js';
import { labError } from '../../support/lab-error.js';

const mebibyte = 2 ** 20;

/** A machine whose memory is zeros but for pieces at addresses. */
function machine(pieces: Record<number, Uint8Array>): ReadPhysical {
  return (address, size) => {
    const bytes = new Uint8Array(size);
    for (const [start, piece] of Object.entries(pieces)) {
      const from = address - Number(start);
      for (let i = Math.max(0, -from); i < size && from + i < piece.length; i++) {
        bytes[i] = piece[from + i]!;
      }
    }
    return Promise.resolve(bytes);
  };
}

/** The image of a kernel that has run. */
function ran(): { kernel: PatchKernel; image: Uint8Array } {
  const { kernel, image } = smallKernel();
  image[dataStart - textStart]! ^= 1;
  return { kernel, image };
}

describe('finding a kernel in memory', () => {
  it.each([16 * mebibyte, 2 * mebibyte, 700 * mebibyte])('finds it at %d', async (at) => {
    const { kernel, image } = ran();
    const found = await findKernel(kernel, 768, machine({ [at]: image }));
    expect(found.physical).toBe(at);
    expect(Buffer.compare(found.bytes, image)).toBe(0);
  });

  it('finds it above the hole of a machine with much memory', async () => {
    const { kernel, image } = ran();
    const at = 2 ** 32 + 2 * mebibyte;
    expect((await findKernel(kernel, 4096, machine({ [at]: image }))).physical).toBe(at);
  });

  it('passes by a copy that never ran, and one of another kernel', async () => {
    const { kernel, image } = ran();
    const other = image.map((byte, i) =>
      i > constantsStart - textStart + 0x1000 ? byte ^ 0x55 : byte,
    );
    const pieces = {
      [16 * mebibyte]: smallKernel().image,
      [64 * mebibyte]: other,
      [128 * mebibyte]: image,
    };
    expect((await findKernel(kernel, 768, machine(pieces))).physical).toBe(128 * mebibyte);
  });

  it('accepts that boot changes some constants', async () => {
    const { kernel, image } = ran();
    const from = constantsStart - textStart + 0x30000;
    image.fill(0xaa, from, from + 0x8000);
    const found = await findKernel(kernel, 768, machine({ [16 * mebibyte]: image }));
    expect(found.physical).toBe(16 * mebibyte);
  });

  it('refuses, and says why', async () => {
    const { kernel } = ran();
    const refused = (pieces: Record<number, Uint8Array>, why: RegExp) =>
      expect(findKernel(kernel, 64, machine(pieces))).rejects.toEqual(
        labError('patch-memory-not-found', { message: expect.stringMatching(why) as string }),
      );
    await refused({}, /its banner is nowhere/);
    const copy = smallKernel().image;
    await refused({ [16 * mebibyte]: copy }, /a copy that never ran/);
    const other = copy.map((byte, i) => (i > 0x3000 ? byte ^ 0x55 : byte));
    await refused({ [16 * mebibyte]: other }, /pages of constants only/);
  });
});

describe('memory of a kernel', () => {
  it('gives what can be copied, also where it was unpacked into a Buffer', () => {
    const bytes = Buffer.from([1, 2, 3, 4]);
    kernelMemory(textStart, bytes)
      .read(textStart + 1, 2, 'it')
      .slice()
      .fill(0);
    expect([...bytes]).toEqual([1, 2, 3, 4]);
  });

  it('is read by virtual address, and refused beyond its ends', () => {
    const memory = kernelMemory(textStart, Uint8Array.of(1, 2, 3, 4));
    expect([...memory.read(textStart + 1, 3, 'it')]).toEqual([2, 3, 4]);
    for (const [address, size] of [
      [textStart - 1, 1],
      [textStart + 1, 4],
      [0, 1],
    ] as const) {
      expect(() => memory.read(address, size, 'pv_ops')).toThrow(/^pv_ops at .* is not in/);
    }
  });
});
