import { expect, test } from 'vitest';
import type { Comparison } from '../../../engine/contract/app/merge.js';
import { cellBeside, mapTotals, memoryMap } from '../../../renderer/screens/merge/map.js';

const section = (name: string, start: number, size: number, stored = true) => ({
  ...{ name, start, size, executable: name === '.text', stored },
});

/** Two functions of .text, of 1,000 and 2,000 bytes: identical, and one that differs. */
const comparison = {
  functions: {
    ...{ length: 2, verdict: Uint8Array.of(0, 2) },
    addressA: Float64Array.of(0x1000, 0x1000 + 1000),
    sizeA: Float64Array.of(1000, 2000),
  },
  objects: {
    ...{ length: 1, verdict: Uint8Array.of(1) },
    // In .bss: what no file holds is not on the map.
    ...{ addressA: Float64Array.of(0x9000), sizeA: Float64Array.of(64) },
  },
  sectionsA: [
    section('.text', 0x1000, 4096),
    section('.tiny', 0x3000, 100),
    section('.data', 0x4000, 2048),
    section('.bss', 0x9000, 5000, false),
  ],
} as unknown as Comparison;

const map = memoryMap(comparison, 'a', 64, 32);

test('the map tells what it leaves out', () => {
  expect(map.sections.map(({ name }) => name)).toEqual(['.text', '.data']);
  expect(map.unstored).toEqual({ names: ['.bss'], size: 5000 });
  expect(map.small).toEqual({ names: ['.tiny'], size: 100 });
});

test('bytes by verdict and what no symbol covers add up to what is drawn', () => {
  const { verdicts, rest, all } = mapTotals(comparison, 'a', map.sections);
  expect(verdicts.slice(0, 3)).toEqual([1000, 0, 2000]);
  expect(all).toBe(4096 + 2048);
  expect(rest).toBe(all - 3000);
});

test('arrow keys go from cell to cell, over gaps, and not beyond the edge', () => {
  const [text, data] = map.sections;
  const last = text!.lines - 1;
  expect(cellBeside(map, [0, last], 'ArrowDown')).toEqual([0, data!.line]);
  expect(cellBeside(map, [0, data!.line], 'ArrowUp')).toEqual([0, last]);
  expect(cellBeside(map, [0, 0], 'ArrowLeft')).toEqual([0, 0]);
  expect(cellBeside(map, [0, 0], 'ArrowRight')).toEqual([1, 0]);
  expect(cellBeside(map, [3, 0], 'Home')).toEqual([3, 0]);
});
