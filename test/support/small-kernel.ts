import type { PatchKernel } from '../../engine/patch/kernel.js';
import type { KernelMemory, SiteTable } from '../../engine/patch/types.js';
import { kernelMemory } from '../../engine/patch/observe/index.js';
import { namesOfKallsyms } from '../../engine/kernel/names.js';
import type { LoadedSection } from '../../engine/kernel/sections.js';

/** A kernel that is a few pages, for tests of looking at one in memory. */

export const textStart = -0x7f00_0000;
export const constantsStart = textStart + 0x2000;
export const dataStart = textStart + 0x42000;
export const initStart = dataStart + 0x1000;
export const bssStart = initStart + 0x1000;

export const banner = 'Linux version 6.1.0 (a@b) (gcc) #1 SMP\n';

export interface SmallKernel {
  kernel: PatchKernel;
  /** What is in its memory before it has run. */
  image: Uint8Array;
}

/** @param names of addresses */
export function smallKernel(names: Record<string, number> = {}): SmallKernel {
  const constants = filled(0x40000, 3);
  Buffer.from(`${banner}\0`, 'latin1').copy(constants, 0x123);
  const sections = [
    section('.text', textStart, filled(0x2000, 1), { executable: true }),
    section('.rodata', constantsStart, constants, { writable: true }),
    section('.data', dataStart, filled(0x1000, 5), { writable: true }),
    section('.init.text', initStart, filled(0x1000, 7), { executable: true }),
    { ...section('.bss', bssStart, new Uint8Array(0), { writable: true }), size: 0x1000 },
    section('.data..percpu', 0, filled(0x100, 9), { writable: true }),
  ];
  const image = new Uint8Array(bssStart + 0x1000 - textStart);
  for (const { start, bytes } of sections) if (start < 0) image.set(bytes, start - textStart);
  const sorted = Object.entries(names).sort(([, a], [, b]) => a - b);
  const kernel = {
    label: 'small',
    sections,
    names: namesOfKallsyms({
      count: sorted.length,
      name: (i) => sorted[i]![0],
      type: () => 't',
      address: Uint32Array.from(sorted, ([, address]) => address),
    }),
    text: { start: textStart, end: textStart + 0x1800 },
    elf: {
      segments: [
        { virtualAddress: BigInt.asUintN(64, BigInt(textStart)), physicalAddress: 0x100_0000n },
      ],
    },
  };
  return { kernel: kernel as unknown as PatchKernel, image };
}

export function memoryOf(image: Uint8Array): KernelMemory {
  return kernelMemory(textStart, image);
}

export function siteTable(
  rows: readonly { address: number; size: number; entry: number }[],
): SiteTable {
  return {
    length: rows.length,
    address: Float64Array.from(rows, ({ address }) => address),
    size: Uint8Array.from(rows, ({ size }) => size),
    entry: Float64Array.from(rows, ({ entry }) => entry),
  };
}

function section(
  name: string,
  start: number,
  bytes: Uint8Array,
  flags: { executable?: boolean; writable?: boolean },
): LoadedSection {
  const { executable = false, writable = false } = flags;
  return { name, index: 0, start, size: bytes.length, offset: 0, bytes, executable, writable };
}

/** Bytes of which no page is like another. */
function filled(size: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}
