import { describe, expect, it } from 'vitest';
import { fletcher64 } from '../../../engine/bzimage/fletcher64.js';

const mask = (1n << 64n) - 1n;

/** The definition, word by word. */
function plainly(bytes: Uint8Array): bigint {
  const padded = Buffer.concat([bytes, Buffer.alloc(8 - (bytes.length % 8))]);
  let sum = 0n;
  let sums = 0n;
  for (let at = 0; at < padded.length; at += 8) {
    sum = (sum + padded.readBigUInt64LE(at)) & mask;
    sums = (sums + sum) & mask;
  }
  return sum ^ (((sums << 32n) & mask) | (sums >> 32n));
}

function someBytes(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

describe('fletcher64', () => {
  it.each([0, 1, 7, 8, 9, 31, 32, 33, 255, 4096, 4099])('is as defined for %d bytes', (length) => {
    for (const bytes of [someBytes(length, 1), new Uint8Array(length).fill(0xff)]) {
      expect(fletcher64(bytes)).toBe(plainly(bytes));
    }
  });

  it('counts the size by the last word, so that zeros at the end are seen in whole words', () => {
    const bytes = someBytes(64, 2);
    expect(fletcher64(bytes.subarray(0, 56))).not.toBe(fletcher64(bytes));
  });

  it('is the same at any place in memory', () => {
    const bytes = someBytes(222, 3);
    for (let shift = 0; shift < 8; shift++) {
      const shifted = new Uint8Array(222 + shift);
      shifted.set(bytes, shift);
      expect(fletcher64(shifted.subarray(shift))).toBe(fletcher64(bytes));
    }
  });

  it('finds every single bit and every two words exchanged', () => {
    const bytes = someBytes(200, 4);
    const sum = fletcher64(bytes);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(fletcher64(bytes)).not.toBe(sum);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    for (let at = 8; at < 192; at += 8) {
      const other = bytes.slice();
      other.set(bytes.subarray(0, 8), at);
      other.set(bytes.subarray(at, at + 8), 0);
      expect(fletcher64(other)).not.toBe(sum);
    }
  });
});
