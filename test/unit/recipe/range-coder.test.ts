import { describe, expect, it } from 'vitest';
import {
  bitModel,
  byteModel,
  numberModel,
  RangeDecoder,
  RangeEncoder,
  type RangeCoder,
} from '../../../engine/recipe/range-coder.js';
import { noise } from '../../support/recipe-kernel.js';

/** Writes values, reads them again and expects the same. */
function roundTrip(
  values: readonly number[],
  makeCode: () => (coder: RangeCoder, value?: number) => number,
): Uint8Array {
  const encoder = new RangeEncoder();
  const write = makeCode();
  for (const value of values) write(encoder, value);
  const bytes = encoder.finish();
  const decoder = new RangeDecoder(bytes);
  const read = makeCode();
  expect(values.map(() => read(decoder))).toEqual(values);
  expect(decoder.overrun).toBe(false);
  return bytes;
}

const powers = Array.from({ length: 31 }, (_, i) => 2 ** i);
const edges = [...new Set(powers.flatMap((n) => [n - 1, n, n + 1, n + (n >>> 1)]))].filter(
  (n) => n < 2 ** 31,
);

describe('the range coder', () => {
  it('carries numbers of every length', () => {
    roundTrip([...edges, 2 ** 31 - 1], () => {
      const model = numberModel(2);
      return (coder, value) => coder.number(model, 1, value);
    });
  });

  it('carries numbers with signs', () => {
    const values = edges.filter((n) => n < 2 ** 30).flatMap((n) => (n === 0 ? [0] : [n, -n]));
    roundTrip(values, () => {
      const model = numberModel();
      return (coder, value) => coder.signed(model, 0, value);
    });
  });

  it('carries bytes in contexts, trees and plain bits', () => {
    const bytes = [...noise(1, 3000)];
    roundTrip(bytes, () => {
      const model = byteModel(256);
      let before = 0;
      return (coder, value) => (before = coder.byte(model, before, value));
    });
    roundTrip(bytes, () => {
      const model = bitModel(8);
      return (coder, value) =>
        (coder.direct(5, (value ?? 0) >> 3) << 3) | (coder.tree(model, 0, 3, value! & 7) & 7);
    });
    roundTrip([0x7fffffff, 0, 0x55555555], () => (coder, value) => coder.direct(31, value ?? 0));
  });

  it('carries over long runs of 0xff', () => {
    // Improbable ones make `low` grow to the edge of its range again and again.
    const bits = Array.from({ length: 20_000 }, (_, i) => (i % 611 === 610 ? 0 : 1));
    const bytes = roundTrip(bits, () => {
      const model = bitModel();
      return (coder, value) => coder.bit(model, 0, value ?? 0);
    });
    expect(bytes.length).toBeLessThan(200);
  });

  it('spends little on what it has learnt, and eight bits on a byte that it cannot', () => {
    const size = (values: readonly number[]): number =>
      roundTrip(values, () => {
        const model = byteModel();
        return (coder, value) => coder.byte(model, 0, value);
      }).length;
    expect(size(Array<number>(1000).fill(0x41))).toBeLessThan(20);
    const random = size([...noise(2, 2000)]);
    expect(random).toBeGreaterThan(1950);
    expect(random).toBeLessThan(2300);
  });

  it('says how much was written so far', () => {
    const encoder = new RangeEncoder();
    for (let i = 0; i < 100; i++) encoder.direct(16, i);
    expect(Math.abs(encoder.size - 200)).toBeLessThanOrEqual(4);
    expect(encoder.finish().length - 200).toBeLessThanOrEqual(5);
  });

  it('reads zeros behind the end, and remembers it', () => {
    const decoder = new RangeDecoder(Uint8Array.of(0, 0));
    expect(decoder.direct(16)).toBe(0);
    expect(decoder.overrun).toBe(true);
  });
});
