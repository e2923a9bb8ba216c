import { describe, expect, it } from 'vitest';
import { LabError } from '../../../engine/errors/lab-error.js';
import { mostRanges, readKernelImage } from '../../../engine/recipe/image.js';
import { buildElf } from '../../support/elf-builder.js';
import { recipeKernel, type TestFunction } from '../../support/recipe-kernel.js';

const functions: TestFunction[] = Array.from({ length: 20 }, (_, i) => ({
  seed: i + 1,
  calls: [(i * 7) % 20, (i * 3) % 20],
}));

/** With other bytes behind the ELF. */
function withTail(tail: readonly number[]): Uint8Array {
  return Uint8Array.from([...recipeKernel(functions, { relocations: false }), ...tail]);
}
const words = (...values: number[]): number[] => [
  ...new Uint8Array(Uint32Array.from(values).buffer),
];

describe('a kernel image', () => {
  it('has its relocation lists behind the ELF', () => {
    const bare = recipeKernel(functions, { relocations: false });
    const image = readKernelImage(recipeKernel(functions));
    expect(image.elfEnd).toBe(bare.length);
    const { abs64, inverse32, abs32 } = image.relocations;
    expect(abs64).toEqual({ offset: bare.length + 4, size: 4 * functions.length });
    expect(inverse32).toEqual({
      offset: abs64.offset + abs64.size + 4,
      size: 4 * functions.length,
    });
    expect(abs32.offset + abs32.size).toBe(image.bytes.length);
  });

  it('has one list when it is for i386', () => {
    const image = readKernelImage(recipeKernel(functions, { width: 32 }));
    const { abs64, inverse32, abs32 } = image.relocations;
    expect([abs64.size, inverse32.size]).toEqual([0, 0]);
    expect(abs32).toEqual({ offset: image.elfEnd + 4, size: 4 * 60 });
  });

  it('has an ELF to its end when what is behind is no relocation table', () => {
    const bare = withTail([]);
    expect(readKernelImage(bare).elfEnd).toBe(bare.length);
    const tails = [
      words(0x81000010, 0x81000008), // not in order
      words(0xc1000010), // far from the kernel
      [1, 2, 3],
      words(0, 0x81000010, 0, 0x81000020, 0, 0x12345678, 0, 0x81000030),
    ];
    for (const tail of tails) {
      const image = readKernelImage(withTail(tail));
      expect(image.elfEnd).toBe(image.bytes.length);
      expect(Object.values(image.relocations).every(({ size }) => size === 0)).toBe(true);
    }
  });

  it('loses nothing that is in front of the lists', () => {
    const { elfEnd, relocations } = readKernelImage(
      withTail([...words(7, 0, 0x81000010, 0, 0x81000020, 0, 0x81000030)]),
    );
    expect(relocations.abs64.size).toBe(4);
    expect(elfEnd).toBe(relocations.abs64.offset - 4);
    const odd = readKernelImage(withTail([9, ...words(0x81000010, 0x81000020)]));
    expect(odd.relocations.abs32.size).toBe(8);
    expect(odd.elfEnd).toBe(odd.relocations.abs64.offset);
  });

  it('has ORC only where its addresses are in order', () => {
    const bytes = recipeKernel(functions);
    const { orc } = readKernelImage(bytes);
    expect(orc?.count).toBe(2 * functions.length);
    bytes.copyWithin(orc!.ip + 8, orc!.ip + 40, orc!.ip + 44);
    expect(readKernelImage(bytes).orc).toBeNull();
    expect(readKernelImage(recipeKernel(functions, { sections: false })).orc).toBeNull();
    expect(readKernelImage(recipeKernel(functions, { width: 32 })).orc).toBeNull();
  });

  it('has code without its long runs of fill', () => {
    const image = readKernelImage(recipeKernel(functions, { fill: 100_000 }));
    const [text] = image.loaded;
    expect(text!.size).toBeGreaterThan(100_000);
    expect(image.code).toHaveLength(1);
    expect(image.code[0]!.offset).toBe(text!.offset);
    expect(image.code[0]!.size).toBeLessThan(5_000);
  });

  it('has its executable segments for code without section headers', () => {
    const { code, loaded } = readKernelImage(recipeKernel(functions, { sections: false }));
    expect(code).toEqual([{ offset: loaded[0]!.offset, size: loaded[0]!.size }]);
  });

  it('has the largest of its ranges when there are too many', () => {
    const names = Array.from({ length: 20 }, (_, i) => `.text.${i}`);
    const image = readKernelImage(
      buildElf({
        sections: names.map((name, i) => ({
          ...{ name, type: 1, flags: 6n, data: new Uint8Array(100 + i).fill(i) },
        })),
        segments: names.map((section, i) => ({
          ...{ type: 1, section, flags: 5, virtualAddress: 0xffffffff81000000n + BigInt(4096 * i) },
        })),
      }),
    );
    const largest = Array.from({ length: mostRanges }, (_, i) => 104 + i);
    expect(image.loaded.map(({ size }) => size)).toEqual(largest);
    expect(image.code.map(({ size }) => size)).toEqual(largest);
  });

  it('is not what is no ELF', () => {
    expect(() => readKernelImage(new Uint8Array(1000))).toThrow(LabError);
  });
});
