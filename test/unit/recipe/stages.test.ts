import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Correction } from '../../../engine/recipe/address-map.js';
import { BitReader, BitWriter } from '../../../engine/recipe/bit-stream.js';
import { cutAtLoadedRanges, type Copy } from '../../../engine/recipe/copies.js';
import { readCopies, writeCopies } from '../../../engine/recipe/copies-stage.js';
import type { KernelImage } from '../../../engine/recipe/image.js';
import {
  checkLayout,
  codeLayout,
  type ImageLayout,
  type Layout,
} from '../../../engine/recipe/layout.js';
import { RangeDecoder, RangeEncoder } from '../../../engine/recipe/range-coder.js';
import { codeCorrections, codeDataFields } from '../../../engine/recipe/stages.js';
import { labError } from '../../support/lab-error.js';

const malformed = labError('recipe-malformed');

describe('data fields', () => {
  const roundTrip = (fields: readonly number[], size: number): number => {
    const encoder = new RangeEncoder();
    codeDataFields(encoder, size, Uint32Array.from(fields));
    const bytes = encoder.finish();
    expect([...codeDataFields(new RangeDecoder(bytes), size)]).toEqual(fields);
    return bytes.length;
  };

  it('are read as they were written', () => {
    const fields = fc.uniqueArray(fc.nat(0xffffff), { maxLength: 200 });
    fc.assert(
      fc.property(fields, (fields) => {
        roundTrip(
          fields.sort((a, b) => a - b),
          0x1000000,
        );
      }),
    );
  });

  it('cost next to nothing in the rows of a table', () => {
    const rows = Array.from({ length: 500 }, (_, i) => [12 * i, 12 * i + 4]).flat();
    expect(roundTrip(rows, 12 * 500)).toBeLessThan(24);
  });

  it('cannot be more than fit', () => {
    const encoder = new RangeEncoder();
    codeDataFields(
      encoder,
      400,
      Uint32Array.from({ length: 100 }, (_, i) => 4 * i),
    );
    const bytes = encoder.finish();
    expect(codeDataFields(new RangeDecoder(bytes), 400)).toHaveLength(100);
    expect(() => codeDataFields(new RangeDecoder(bytes), 399)).toThrow(malformed);
  });
});

describe('copies', () => {
  const write = (copies: readonly Copy[]) => {
    const [coder, stream] = [new RangeEncoder(), new BitWriter()];
    writeCopies(coder, stream, copies);
    const parts = [coder.finish(), stream.finish()];
    const size = parts[0]!.length + parts[1]!.length;
    const read = (baseSize: number, end: number): Copy[] =>
      readCopies(new RangeDecoder(parts[0]!), new BitReader(parts[1]!), baseSize, end);
    return { size, read };
  };

  it('are read as they were written', () => {
    const piece = fc.record({
      inserted: fc.oneof(fc.constant(0), fc.nat(300)),
      from: fc.oneof(fc.nat(100_000), fc.constantFrom(0, 64, 4096)),
      size: fc.integer({ min: 1, max: 70_000 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        let to = 0;
        const copies = pieces.map(({ inserted, from, size }): Copy => {
          const copy = { to: to + inserted, from, size };
          to += inserted + size;
          return copy;
        });
        expect(write(copies).read(200_000, to)).toEqual(copies);
      }),
    );
  });

  it('cost little on diagonals that were used before', () => {
    const copies = (diagonals: number): Copy[] =>
      Array.from({ length: 300 }, (_, i) => ({
        ...{ to: 20 * i, from: 20 * i + 1000 * ((i * 7919) % diagonals), size: 20 },
      }));
    expect(write(copies(4)).size).toBeLessThan(0.4 * write(copies(100)).size);
  });

  it('must lie in both images', () => {
    const { read } = write([
      { to: 10, from: 0, size: 20 },
      { to: 30, from: 50, size: 50 },
    ]);
    expect(read(100, 80)).toHaveLength(2);
    expect(() => read(99, 80)).toThrow(malformed);
    expect(() => read(100, 79)).toThrow(malformed);
    expect(() => write([{ to: 10, from: -1, size: 20 }]).read(100, 100)).toThrow(malformed);
  });

  it('are cut where either image has another range, and where the base ends', () => {
    const image = (elfEnd: number, ...edges: number[]): KernelImage =>
      ({
        elfEnd,
        loaded: edges.slice(1).map((end, i) => ({ offset: edges[i]!, size: end - edges[i]! })),
      }) as unknown as KernelImage;
    const pieces = cutAtLoadedRanges(
      [{ from: -5, to: 0, size: 200 }],
      image(180, 10, 60),
      image(300, 30, 100),
    );
    expect(pieces).toEqual([
      { from: 0, to: 5, size: 10 },
      { from: 10, to: 15, size: 15 },
      { from: 25, to: 30, size: 35 },
      { from: 60, to: 65, size: 35 },
      { from: 95, to: 100, size: 85 },
    ]);
  });
});

describe('corrections', () => {
  const write = (corrections: readonly Correction[]): Uint8Array => {
    const encoder = new RangeEncoder();
    codeCorrections(encoder, [...corrections]);
    return encoder.finish();
  };

  it('are read as they were written', () => {
    const correction = fc.record({
      at: fc.integer({ min: 1, max: 100_000_000 }),
      shift: fc.integer({ min: 1 - 2 ** 29, max: 2 ** 29 - 1 }),
    });
    fc.assert(
      fc.property(fc.array(correction, { maxLength: 30 }), (steps) => {
        let at = 0;
        const corrections = steps.map(({ at: step, shift }) => ({ at: (at += step), shift }));
        expect(codeCorrections(new RangeDecoder(write(corrections)))).toEqual(corrections);
      }),
    );
  });

  it('are refused when two stand at one place, or one behind all addresses', () => {
    const read = (corrections: readonly Correction[]) => () =>
      codeCorrections(new RangeDecoder(write(corrections)));
    const far = 0x7fffffff;
    expect(read([far, 2 * far, 2 * far + 1].map((at) => ({ at, shift: 1 })))).not.toThrow();
    expect(read([far, 2 * far, 2 * far + 2].map((at) => ({ at, shift: 1 })))).toThrow(malformed);
    expect(read([5, 5].map((at) => ({ at, shift: 1 })))).toThrow(malformed);
  });
});

describe('the layout', () => {
  const none = { offset: 0, size: 0 };
  const image = (size: number): ImageLayout => ({
    size,
    elfEnd: size - 100,
    loaded: [{ offset: 0x100, address: 0x81000000, size: 0x200, memory: 0x200 }],
    relocations: { abs64: { offset: size - 96, size: 40 }, inverse32: none, abs32: none },
    orc: { count: 10, ip: 0x200, entries: 0x240 },
  });
  const layout = (): Layout => ({
    base: image(0x400),
    flavour: image(0x500),
    code: [{ offset: 0x100, size: 0x80 }],
    operands: [{ start: 0x81000080, size: 0x1000 }],
  });

  it('is read as it was written', () => {
    const encoder = new RangeEncoder();
    codeLayout(encoder, layout());
    const read = codeLayout(new RangeDecoder(encoder.finish()));
    expect(read).toEqual(layout());
    expect(() => checkLayout(read, 0x400, 0x500)).not.toThrow();
  });

  const bad: [string, (layout: Layout) => void][] = [
    ['a base of another size', ({ base }) => (base.size = 0x401)],
    ['a flavour of another size', ({ flavour }) => (flavour.size = 0x501)],
    ['an ELF that is larger than its file', ({ flavour }) => (flavour.elfEnd = 0x501)],
    ['a range behind its image', ({ base }) => (base.loaded[0]!.size = 0x301)],
    [
      'a range with an offset that wraps',
      ({ flavour }) => (flavour.loaded[0]!.offset = 2 ** 32 - 1),
    ],
    ['relocations behind their image', ({ flavour }) => (flavour.relocations.abs32.offset = 0x501)],
    ['relocations that are no words', ({ base }) => (base.relocations.abs64.size = 39)],
    ['addresses of ORC behind their image', ({ base }) => (base.orc!.ip = 0x400 - 39)],
    ['entries of ORC behind their image', ({ flavour }) => (flavour.orc!.entries = 0x500 - 59)],
    ['code that is not loaded', ({ code }) => (code[0]!.offset = 0xff)],
    ['code that is half loaded', ({ code }) => (code[0]!.size = 0x201)],
    ['code behind the last loaded byte', ({ code }) => (code[0] = { offset: 0x300, size: 0 })],
  ];
  it.each(bad)('is refused with %s', (_, damage) => {
    // Nothing may be shared between the images.
    const damaged = structuredClone(layout());
    damaged.flavour.relocations.abs32 = { offset: 0, size: 0 };
    damage(damaged);
    expect(() => checkLayout(damaged, 0x400, 0x500)).toThrow(malformed);
  });

  it('has no more ranges than decoders have room for', () => {
    const encoder = new RangeEncoder();
    encoder.direct(31, 0); // sizes, as far as the count
    encoder.direct(31, 0);
    encoder.direct(2, 0);
    encoder.direct(8, 17);
    expect(() => codeLayout(new RangeDecoder(encoder.finish()))).toThrow(malformed);
  });
});
