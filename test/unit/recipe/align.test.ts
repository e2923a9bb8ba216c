import { describe, expect, it } from 'vitest';
import { align, excluded, fieldStart, insideField, plain } from '../../../engine/recipe/align.js';
import type { Copy } from '../../../engine/recipe/copies.js';
import { relative } from '../../../engine/recipe/fields.js';
import { noise } from '../../support/recipe-kernel.js';

/** Aligns bytes without address fields, all of them loaded. */
function alignBytes(from: Uint8Array, to: Uint8Array, hints: readonly Copy[] = []): Copy[] {
  const size = from.length;
  return align(
    {
      ...{ bytes: from, tokens: from, cover: new Uint8Array(size) },
      ...{ kinds: new Uint8Array(size), mapped: new Uint32Array(size) },
    },
    { bytes: to, tokens: to, loaded: [], free: [] },
    { hints },
  );
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** What copies make of the base; zeros between them. */
function applied(base: Uint8Array, copies: readonly Copy[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (const copy of copies) out.set(base.subarray(copy.from, copy.from + copy.size), copy.to);
  return out;
}

const [a, b, c] = [noise(1, 400), noise(2, 300), noise(3, 500)];

describe('alignment', () => {
  it('of equal images is one copy', () => {
    const base = joined(a, b, c);
    expect(alignBytes(base, base.slice())).toEqual([{ to: 0, from: 0, size: base.length }]);
  });

  it('passes over what is inserted and what is left out', () => {
    const inserted = noise(9, 40);
    expect(alignBytes(joined(a, b), joined(a, inserted, b))).toEqual([
      { to: 0, from: 0, size: 400 },
      { to: 440, from: 400, size: 300 },
    ]);
    expect(alignBytes(joined(a, inserted, b), joined(a, b))).toEqual([
      { to: 0, from: 0, size: 400 },
      { to: 400, from: 440, size: 300 },
    ]);
  });

  it('follows pieces to another order', () => {
    expect(alignBytes(joined(a, b, c), joined(c, a, b))).toEqual([
      { to: 0, from: 700, size: 500 },
      { to: 500, from: 0, size: 700 },
    ]);
  });

  it('stays where it is for a few wrong bytes', () => {
    const changed = joined(a, b, c);
    for (const at of [50, 51, 400, 777]) changed[at]! ^= 0x55;
    expect(alignBytes(joined(a, b, c), changed)).toEqual([{ to: 0, from: 0, size: 1200 }]);
  });

  it('inserts what the base does not have', () => {
    const copies = alignBytes(joined(a, b), noise(50, 700));
    const copied = copies.reduce((sum, { size }) => sum + size, 0);
    expect(copied).toBeLessThan(200);
  });

  it('makes fill of a shorter one', () => {
    const fill = (size: number): Uint8Array => new Uint8Array(size).fill(0xcc);
    const base = joined(a, fill(500), b);
    const flavour = joined(a, fill(3000), b);
    const copies = alignBytes(base, flavour);
    const made = applied(base, copies, flavour.length);
    expect(made.filter((byte, at) => byte !== flavour[at]).length).toBeLessThan(4);
    expect(copies.length).toBeLessThan(12);
  });

  it('is the same for long fill as for short, byte for byte around it', () => {
    const zeros = (size: number): Uint8Array => new Uint8Array(size);
    const cut = (size: number) =>
      alignBytes(
        joined(a, zeros(size), b, zeros(size), c),
        joined(b, zeros(size), a, zeros(size + 8), c),
      );
    const [short, long] = [cut(900), cut(90_000)];
    const base = joined(a, zeros(90_000), b, zeros(90_000), c);
    const flavour = joined(b, zeros(90_000), a, zeros(90_008), c);
    expect(applied(base, long, flavour.length)).toEqual(flavour);
    expect(long.length).toBe(short.length);
  });

  it('tries the diagonals of an earlier one', () => {
    // Too short to be found as a window.
    const [base, flavour] = [joined(a, b), joined(c, a.subarray(100, 110), noise(8, 90))];
    const hint = { to: 500, from: 100, size: 10 };
    expect(alignBytes(base, flavour)).not.toContainEqual(hint);
    expect(alignBytes(base, flavour, [hint])).toContainEqual(hint);
  });

  it('costs nothing where another stage makes the bytes, and copies nothing excluded', () => {
    const cover = new Uint8Array(700).fill(excluded, 0, 400);
    const base = { ...{ bytes: joined(a, b), tokens: joined(a, b), cover } };
    const flavour = joined(b, noise(7, 400), a);
    const copies = align(
      { ...base, kinds: new Uint8Array(700), mapped: new Uint32Array(700) },
      { bytes: flavour, tokens: flavour, loaded: [], free: [{ offset: 300, size: 400 }] },
    );
    expect(copies[0]).toMatchObject({ to: 0, from: 400 });
    const end = Math.max(...copies.map(({ to, size }) => to + size));
    expect(end).toBeGreaterThanOrEqual(700);
    expect(end).toBeLessThan(760);
  });

  it('knows a field by where it leads', () => {
    // call +0x100, moved by 0x20 together with what it calls.
    const base = joined(a, Uint8Array.of(0xe8, 0, 1, 0, 0), b);
    const flavour = joined(a, noise(6, 0x20), Uint8Array.of(0xe8, 0x40, 1, 0, 0), b);
    const size = base.length;
    const [cover, kinds, mapped] = [
      new Uint8Array(size),
      new Uint8Array(size),
      new Uint32Array(size),
    ];
    cover.fill(plain);
    cover[401] = fieldStart;
    cover.fill(insideField, 402, 405);
    kinds[401] = relative;
    const call = 0x1000 + 400 + 0x20;
    const alignWith = (target: number): Copy[] => {
      mapped[401] = target;
      const tokens = [base.slice(), flavour.slice()];
      tokens[0]!.set([1, 2, 3, target & 0xff], 401);
      tokens[1]!.set([1, 2, 3, (call + 5 + 0x140) & 0xff], 401 + 0x20);
      return align(
        { bytes: base, tokens: tokens[0]!, cover, kinds, mapped },
        {
          ...{ bytes: flavour, tokens: tokens[1]!, free: [] },
          loaded: [{ offset: 0, address: 0x1000, size: flavour.length, memory: flavour.length }],
        },
      );
    };
    const whole = { to: 432, from: 400, size: 305 };
    expect(alignWith(call + 5 + 0x140)).toContainEqual(whole);
    expect(alignWith(call + 5 + 0x170)).not.toContainEqual(whole);
  });

  it('can be cancelled', () => {
    const signal = AbortSignal.abort();
    const base = {
      ...{ bytes: a, tokens: a, cover: new Uint8Array(400) },
      ...{ kinds: new Uint8Array(400), mapped: new Uint32Array(400) },
    };
    const flavour = { bytes: a, tokens: a, loaded: [], free: [] };
    expect(() => align(base, flavour, { signal })).toThrow();
  });
});
