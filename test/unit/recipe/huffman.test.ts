import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader, BitWriter, SymbolWriter } from '../../../engine/recipe/bit-stream.js';
import {
  codeLengths,
  codesOf,
  codeTable,
  decodingTable,
  lengthModel,
  longestCode,
} from '../../../engine/recipe/huffman.js';
import { RangeDecoder, RangeEncoder } from '../../../engine/recipe/range-coder.js';
import { labError } from '../../support/lab-error.js';

const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(5), fc.nat(100_000)), {
  minLength: 2,
  maxLength: 256,
});

/** Bits of a text with Huffman's own codes, however long: the sum of all that is put together. */
function unlimitedCost(counts: readonly number[]): number {
  const weights = counts.filter((n) => n > 0);
  let cost = 0;
  while (weights.length > 1) {
    weights.sort((a, b) => a - b);
    const both = weights.shift()! + weights.shift()!;
    cost += both;
    weights.push(both);
  }
  return cost;
}

const costOf = (counts: readonly number[], lengths: Uint8Array): number =>
  counts.reduce((sum, n, symbol) => sum + n * lengths[symbol]!, 0);

/** How much of all codes is used. */
const shareOf = (lengths: Uint8Array): number =>
  lengths.reduce((sum, length) => sum + (length > 0 ? 2 ** -length : 0), 0);

describe('code lengths', () => {
  it('use all codes, none longer than the limit, and none for what does not occur', () => {
    fc.assert(
      fc.property(counts, (counts) => {
        const lengths = codeLengths(counts);
        const used = counts.filter((n) => n > 0).length;
        expect(Math.max(...lengths)).toBeLessThanOrEqual(longestCode);
        expect([...lengths].map((length) => length > 0)).toEqual(counts.map((n) => n > 0));
        if (used > 1) expect(shareOf(lengths)).toBe(1);
      }),
    );
  });

  it('are the best there are where the limit does not matter', () => {
    const few = fc.array(fc.nat(50), { minLength: 2, maxLength: 11 });
    fc.assert(
      fc.property(few, (counts) => {
        fc.pre(counts.filter((n) => n > 0).length > 1);
        expect(costOf(counts, codeLengths(counts))).toBe(unlimitedCost(counts));
      }),
    );
  });

  it('keep to the limit at the least cost', () => {
    // Fibonacci numbers have the longest of all codes: 19 bits for these.
    const counts = [1, 1];
    while (counts.length < 20) counts.push(counts.at(-1)! + counts.at(-2)!);
    const lengths = codeLengths(counts);
    expect(Math.max(...lengths)).toBe(longestCode);
    expect(shareOf(lengths)).toBe(1);
    const cost = costOf(counts, lengths);
    expect(cost).toBeGreaterThan(unlimitedCost(counts));
    expect(cost).toBeLessThan(1.01 * unlimitedCost(counts));
  });

  it('give a lone symbol one bit', () => {
    expect([...codeLengths([0, 7, 0])]).toEqual([0, 1, 0]);
    expect([...codeLengths([0, 0])]).toEqual([0, 0]);
  });
});

describe('codes', () => {
  it('are those of RFC 1951, section 3.2.2', () => {
    const codes = codesOf(Uint8Array.of(3, 3, 3, 3, 3, 2, 4, 4));
    const written = ['010', '011', '100', '101', '110', '00', '1110', '1111'];
    const reversed = written.map((code) => parseInt(code.split('').reverse().join(''), 2));
    expect([...codes]).toEqual(reversed);
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(counts, fc.array(fc.nat(255)), (counts, text) => {
        const symbols = text.map((n) => n % counts.length).filter((n) => counts[n]! > 0);
        const lengths = codeLengths(counts);
        const table = decodingTable(lengths);
        const writer = new BitWriter();
        const codes = new SymbolWriter(lengths);
        for (const symbol of symbols) codes.write(writer, symbol);
        const reader = new BitReader(writer.finish());
        expect(symbols.map(() => reader.symbol(table))).toEqual(symbols);
        expect(reader.overrun).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('have tables that are stored, each in the context of the one before', () => {
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 4 }), (all) => {
        const tables = all.map((counts) =>
          codeLengths(Array.from({ length: 256 }, (_, i) => counts[i] ?? 0)),
        );
        const code = (coder: RangeEncoder | RangeDecoder, given?: typeof tables) => {
          const model = lengthModel();
          let before = new Uint8Array(256);
          return tables.map(
            (_, i) => (before = codeTable(coder, model, before, given?.[i]).slice()),
          );
        };
        const encoder = new RangeEncoder();
        code(encoder, tables);
        expect(code(new RangeDecoder(encoder.finish()))).toEqual(tables);
      }),
      { numRuns: 20 },
    );
  });

  it('are refused where there cannot be so many, or so long ones', () => {
    const read = (lengths: readonly number[]): void => {
      const encoder = new RangeEncoder();
      const model = lengthModel();
      for (const length of lengths) encoder.tree(model, 0, 4, length);
      codeTable(new RangeDecoder(encoder.finish()), lengthModel(), new Uint8Array(lengths.length));
    };
    expect(() => read([1, 2, 2])).not.toThrow();
    expect(() => read([1, 2, 2, 11])).toThrow(labError('recipe-malformed'));
    expect(() => read([12, 0, 0])).toThrow(labError('recipe-malformed'));
  });
});

describe('bit streams', () => {
  it('carry plain bits between codes', () => {
    const piece = fc.record({ count: fc.integer({ min: 0, max: 16 }), bits: fc.nat(65535) });
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const writer = new BitWriter();
        for (const { count, bits } of pieces) writer.write(bits, count);
        const bytes = writer.finish();
        const reader = new BitReader(bytes);
        for (const { count, bits } of pieces) expect(reader.read(count)).toBe(bits % 2 ** count);
        const total = pieces.reduce((sum, { count }) => sum + count, 0);
        expect(bytes.length).toBe(Math.ceil(total / 8));
        expect(reader.overrun).toBe(false);
        reader.read(8);
        expect(reader.overrun).toBe(true);
      }),
    );
  });
});
