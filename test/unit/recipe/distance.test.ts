import { describe, expect, it } from 'vitest';
import type { Copy } from '../../../engine/recipe/copies.js';
import { baseDistance, copiesWithinReach } from '../../../engine/recipe/distance.js';

const kibi = 1024;
const size = 800 * kibi;
const reach = 300 * kibi;

/** Copies in a memory in which the base begins so far behind the flavour. */
function copyInPlace(base: Uint8Array, copies: readonly Copy[], distance: number): Uint8Array {
  const memory = new Uint8Array(Math.max(size, distance + base.length));
  memory.set(base, distance);
  for (const { to, from, size: length } of copies) {
    memory.copyWithin(to, distance + from, distance + from + length);
  }
  return memory;
}

function copyApart(base: Uint8Array, copies: readonly Copy[]): Uint8Array {
  const flavour = new Uint8Array(size);
  for (const { to, from, size: length } of copies) {
    flavour.set(base.subarray(from, from + length), to);
  }
  return flavour;
}

const base = Uint8Array.from({ length: size }, (_, i) => (i * 2654435761) >>> 24);
const copies: Copy[] = [
  { to: 0, from: 10 * kibi, size: 100 * kibi },
  { to: 100 * kibi, from: 90 * kibi, size: 50 * kibi },
  { to: 200 * kibi, from: 10 * kibi, size: 500 * kibi },
  { to: 700 * kibi, from: 600 * kibi, size: 10 },
];

describe('the distance of the base', () => {
  it('lets every byte be read before it is overwritten', () => {
    const near = copiesWithinReach(copies, size);
    const distance = baseDistance(size, near, []);
    const inPlace = copyInPlace(base, near, distance).subarray(0, size);
    for (const { to, size: length } of near) {
      const expected = copyApart(base, near).subarray(to, to + length);
      expect(Buffer.compare(inPlace.subarray(to, to + length), expected)).toBe(0);
    }
    expect(distance).toBeLessThan(reach + 4 * kibi);
  });

  it('keeps tables of the base out of reach', () => {
    const table = { offset: 500 * kibi + 1, size: 10 };
    expect(baseDistance(size, [], [table])).toBe(300 * kibi);
    expect(baseDistance(size, [], [table, { offset: 0, size: 0 }])).toBe(300 * kibi);
  });

  it('is never more than the flavour itself', () => {
    expect(baseDistance(1000, [{ to: 900, from: 0, size: 100 }], [])).toBe(1000);
  });
});

describe('copies within reach', () => {
  it('are all that do not come from far before', () => {
    expect(copiesWithinReach(copies.slice(0, 2), size)).toEqual(copies.slice(0, 2));
    expect(copiesWithinReach([{ to: 400 * kibi, from: 0, size: 10 }], size)).toEqual([]);
  });

  it('are cut where they would overwrite their own end', () => {
    const pieces = copiesWithinReach(copies.slice(2, 3), size);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.compare(copyApart(base, pieces), copyApart(base, copies.slice(2, 3)))).toBe(0);
    for (const { to, from, size: length } of pieces) {
      expect(to + length - from).toBeLessThanOrEqual(reach);
    }
  });
});
