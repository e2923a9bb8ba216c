import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  correctMap,
  mapAddress,
  mapOfCopies,
  ordered,
  type Correction,
} from '../../../engine/recipe/address-map.js';
import type { Copy } from '../../../engine/recipe/copies.js';
import { chooseCorrections, want, type Wanted } from '../../../engine/recipe/corrections.js';
import type { KernelImage } from '../../../engine/recipe/image.js';

/** An image of which only what is loaded where matters here. */
const imageAt = (...addresses: number[]): KernelImage =>
  ({
    loaded: addresses.map((address, i) => ({
      ...{ offset: 0x1000 * i, address, size: 0x1000, memory: 0x1000 },
    })),
  }) as unknown as KernelImage;

const base = imageAt(0x81000000, 0x82000000, 0);
const flavour = imageAt(0x81000000, 0x81800000, 0x100);

describe('the map that the copies tell', () => {
  it('moves what lies in a copy as the copy moves, and what follows it', () => {
    const map = mapOfCopies(base, flavour, [
      { from: 0x100, to: 0x180, size: 0x40 },
      { from: 0x1000, to: 0x1000, size: 0x1000 },
    ]);
    expect(mapAddress(map, 0x81000100)).toBe(0x81000180);
    expect(mapAddress(map, 0x8100013f)).toBe(0x810001bf);
    expect(mapAddress(map, 0x81000200)).toBe(0x81000280);
    expect(mapAddress(map, 0x82000010)).toBe(0x81800010);
    expect(mapAddress(map, 0x810000ff)).toBe(0x810000ff);
  });

  it('has per-CPU addresses behind the kernel', () => {
    expect(ordered(0)).toBeGreaterThan(ordered(0xffffffff));
    const map = mapOfCopies(base, flavour, [
      { from: 0, to: 0x10, size: 0x1000 },
      { from: 0x2000, to: 0x2000, size: 0x1000 },
    ]);
    expect(mapAddress(map, 0)).toBe(0x100);
    expect(mapAddress(map, 0x81000000)).toBe(0x81000010);
  });

  it('believes the longer of two copies, and says nothing of what is not loaded', () => {
    const map = mapOfCopies(base, flavour, [
      { from: 0x100, to: 0x200, size: 0x100 },
      { from: 0x180, to: 0x500, size: 0x20 },
      { from: 0x9000, to: 0x100, size: 0x100 },
    ]);
    expect([0x81000180, 0x810001a0, 0x81000300].map((a) => mapAddress(map, a) - a)).toEqual([
      0x100, 0x100, 0x100,
    ]);
    expect(mapOfCopies(base, flavour, []).at).toEqual(Uint32Array.of(0));
  });

  const copies: fc.Arbitrary<Copy[]> = fc.array(
    fc.record({ from: fc.nat(0xf00), to: fc.nat(0xf00), size: fc.integer({ min: 1, max: 0x100 }) }),
    { maxLength: 30 },
  );

  it('is ascending, and right wherever copies agree', () => {
    fc.assert(
      fc.property(copies, (copies) => {
        const map = mapOfCopies(base, flavour, copies);
        expect([...map.at].every((at, i) => i === 0 || at > map.at[i - 1]!)).toBe(true);
        for (const { from, to, size } of copies) {
          const alone = copies.every(
            (other) =>
              other.to - other.from === to - from ||
              other.from >= from + size ||
              from >= other.from + other.size,
          );
          if (!alone) continue;
          expect(mapAddress(map, 0x81000000 + from)).toBe(0x81000000 + to);
          expect(mapAddress(map, 0x81000000 + from + size - 1)).toBe(0x81000000 + to + size - 1);
        }
      }),
    );
  });

  it('is corrected as if each address were looked up in both', () => {
    const corrections = fc
      .uniqueArray(fc.record({ at: fc.integer({ min: 0, max: 0x1000 }), shift: fc.integer() }), {
        selector: ({ at }) => at,
      })
      .map((list) => list.sort((a, b) => a.at - b.at))
      .map((list) => list.map(({ at, shift }): Correction => ({ at: 0x01000000 + at, shift })));
    fc.assert(
      fc.property(copies, corrections, (copies, corrections) => {
        const own = mapOfCopies(base, flavour, copies);
        const map = correctMap(own, corrections);
        for (let address = 0x80ffffff; address < 0x81001010; address += 0x55) {
          const last = corrections.filter(({ at }) => at <= ordered(address)).at(-1);
          const expected = (mapAddress(own, address) + (last?.shift ?? 0)) >>> 0;
          expect(mapAddress(map, address)).toBe(expected);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('corrections', () => {
  const map = mapOfCopies(base, flavour, []);
  const wantedOf = (list: readonly [target: number, shift: number, times?: number][]): Wanted => {
    const wanted: Wanted = new Map();
    for (const [target, shift, times = 1] of list) {
      for (let i = 0; i < times; i++) want(wanted, map, target, (target + shift) >>> 0);
    }
    return wanted;
  };
  const variables = (from: number, count: number, shift: number): [number, number][] =>
    Array.from({ length: count }, (_, i) => [from + 8 * i, shift]);

  it('follow what many fields say', () => {
    const wanted = wantedOf([
      ...variables(0x82000000, 20, 0),
      ...variables(0x82001000, 20, 0x40),
      ...variables(0x82002000, 20, -8),
    ]);
    expect(chooseCorrections(wanted)).toEqual([
      { at: ordered(0x82001000), shift: 0x40 },
      { at: ordered(0x82002000), shift: -8 },
    ]);
  });

  it('are not made for one stray field, nor for what is too far off to be an address', () => {
    const stray = wantedOf([
      ...variables(0x82000000, 20, 0),
      [0x820000a4, 0x123456],
      ...variables(0x82000100, 20, 0),
    ]);
    expect(chooseCorrections(stray)).toEqual([]);
    expect(wantedOf([[0x82000000, 1 << 29]]).size).toBe(0);
    expect(chooseCorrections(wantedOf([]))).toEqual([]);
  });

  it('cost less than the fields that they mend', () => {
    const target = fc.tuple(
      fc.nat(300).map((n) => 0x82000000 + 8 * n),
      fc.constantFrom(0, 8, -8, 0x40),
      fc.integer({ min: 1, max: 4 }),
    );
    const missed = (wanted: Wanted, corrections: readonly Correction[]): number => {
      const corrected = correctMap(map, corrections);
      let count = 0;
      for (const [address, shifts] of wanted) {
        const right = (mapAddress(corrected, address) - mapAddress(map, address)) | 0;
        for (const [shift, times] of shifts) if (shift !== right) count += times;
      }
      return count;
    };
    fc.assert(
      fc.property(fc.array(target, { maxLength: 100 }), (targets) => {
        const wanted = wantedOf(targets);
        const corrections = chooseCorrections(wanted);
        const mended = missed(wanted, []) - missed(wanted, corrections);
        expect(mended).toBeGreaterThanOrEqual(corrections.length);
        expect(corrections.every(({ at }, i, all) => i === 0 || at > all[i - 1]!.at)).toBe(true);
      }),
    );
  });

  it('go by way of one more where the distance has 32 bits', () => {
    // Only per-CPU variables have moved.
    const corrections = chooseCorrections(wantedOf(variables(0x1000, 20, 0x40)));
    expect(corrections.at(-1)).toEqual({ at: ordered(0x1000), shift: 0x40 });
    const places = [0, ...corrections.map(({ at }) => at)];
    const distances = corrections.map(({ at }, i) => at - places[i]!);
    expect(Math.max(...distances)).toBeLessThan(2 ** 31);
  });
});
