import { describe, expect, it } from 'vitest';
import { fewEnough } from '../../../engine/recipe/copies.js';
import { FillRuns } from '../../../engine/recipe/fill.js';

describe('runs of fill', () => {
  const bytes = new Uint8Array(1000);
  for (let i = 0; i < 300; i++) bytes[i] = i;
  bytes.fill(0xcc, 400, 600);
  bytes.fill(0x90, 600, 664);
  bytes.fill(0xcc, 700, 1000);

  it('are told by any byte in them', () => {
    const fill = new FillRuns(bytes);
    expect([300, 350, 399].map((at) => fill.endAt(at))).toEqual([400, 400, 400]);
    expect([400, 599, 700, 999].map((at) => fill.endAt(at))).toEqual([600, 600, 1000, 1000]);
    // Other bytes, what is too short, and places outside.
    expect([0, 299, 630, 680, 1000, -5].map((at) => fill.endAt(at))).toEqual([
      0, 299, 630, 680, 1000, -5,
    ]);
  });

  it('have a longest one for each byte', () => {
    const longest = new FillRuns(bytes).longest();
    expect([longest[0xcc], longest[0], longest[0x90]]).toEqual([700, 300, -1]);
  });

  it('end where bytes are covered', () => {
    const cover = new Uint8Array(1000);
    cover[500] = 1;
    cover.fill(1, 700, 920);
    const fill = new FillRuns(bytes, cover);
    expect([400, 500, 501, 800, 920].map((at) => fill.endAt(at))).toEqual([
      500, 500, 600, 800, 1000,
    ]);
    expect(fill.longest()[0xcc]).toBe(400);
  });

  it('may not be there', () => {
    const none = new FillRuns(new Uint8Array(0));
    expect(none.endAt(0)).toBe(0);
    expect(none.longest()[0]).toBe(-1);
  });
});

describe('copies', () => {
  it('that are too many are the longest ones, in order', () => {
    const copies = [3, 1, 4, 1, 5].map((size, i) => ({ to: 10 * i, from: 0, size }));
    expect(fewEnough(copies, 3).map(({ size }) => size)).toEqual([3, 4, 5]);
    expect(fewEnough(copies, 5)).toEqual(copies);
  });
});
