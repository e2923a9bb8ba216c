import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader, BitWriter } from '../../../engine/recipe/bit-stream.js';
import type { KernelImage } from '../../../engine/recipe/image.js';
import { RangeDecoder, RangeEncoder } from '../../../engine/recipe/range-coder.js';
import { readRows, writeRows, type WantedTable } from '../../../engine/recipe/rows-stage.js';
import { carry, type Row } from '../../../engine/recipe/tables.js';
import { labError } from '../../support/lab-error.js';

const start = 0x81000000;

function write(tables: readonly WantedTable[], width: number) {
  const [coder, stream] = [new RangeEncoder(), new BitWriter()];
  writeRows(coder, stream, tables, width, start);
  const parts = [coder.finish(), stream.finish()];
  const read = (counts = tables.map(({ wanted }) => wanted.length)): Row[][] =>
    readRows(
      new RangeDecoder(parts[0]!),
      new BitReader(parts[1]!),
      tables.map(({ carried }, i) => ({ carried: [...carried], count: counts[i]! })),
      width,
      start,
    );
  return { size: parts[0]!.length + parts[1]!.length, read };
}

const rowsOf = (width: number): fc.Arbitrary<Row[]> =>
  fc.array(
    fc.record({
      address: fc.nat(400).map((n) => start + n),
      payload: fc.uint8Array({ minLength: width, maxLength: width, max: 3 }),
    }),
    { maxLength: 60 },
  );

const ascending = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => a.address - b.address);

describe.each([0, 6])('tables with %i bytes to each address', (width) => {
  it('are read as they were written, whatever was carried', () => {
    const table = fc
      .tuple(rowsOf(width), rowsOf(width), fc.nat(60), fc.boolean())
      .map(([rows, other, same, sorted]) => {
        const wanted = [...rows.slice(0, same), ...other];
        return { carried: rows, wanted: sorted ? ascending(wanted) : wanted };
      });
    fc.assert(
      fc.property(fc.array(table, { minLength: 1, maxLength: 3 }), (tables) => {
        expect(write(tables, width).read()).toEqual(tables.map(({ wanted }) => wanted));
      }),
    );
  });

  it('cost little where they follow from the copies', () => {
    const payload = new Uint8Array(width);
    const carried = Array.from({ length: 2000 }, (_, i) => ({ address: start + 7 * i, payload }));
    const wanted = carried.filter((_, i) => i % 500 !== 3);
    wanted.splice(700, 0, { address: wanted[700]!.address - 2, payload });
    const bare = write([{ carried, wanted: carried }], width).size;
    expect(write([{ carried, wanted }], width).size).toBeLessThan(bare + 40);
  });

  it('are refused when they end up with another number of rows', () => {
    const payload = new Uint8Array(width);
    const carried = [1, 2, 3].map((n) => ({ address: start + n, payload }));
    const { read } = write([{ carried, wanted: carried.slice(1) }], width);
    expect(read([2])).toEqual([carried.slice(1)]);
    expect(() => read([1])).toThrow(labError('recipe-malformed'));
    expect(() => read([3])).toThrow(labError('recipe-malformed'));
  });
});

describe('rows', () => {
  it('are carried to where the copies put what they point at', () => {
    const image = (address: number): KernelImage =>
      ({ loaded: [{ offset: 0, address, size: 0x1000 }] }) as unknown as KernelImage;
    const rows = [0x10, 0x20, 0x30, 0x40].map((n) => ({
      address: start + n,
      payload: Uint8Array.of(n, 0),
    }));
    const carried = carry(
      image(start),
      image(start + 0x100),
      [
        { to: 0x500, from: 0x20, size: 0x11 },
        { to: 0x600, from: 0x30, size: 0x10 },
        { to: 0x2000, from: 0x10, size: 0x10 },
      ],
      rows,
    );
    expect([...carried]).toEqual([
      { ...rows[1], address: start + 0x600 },
      { ...rows[2], address: start + 0x610 },
      { ...rows[2], address: start + 0x700 },
    ]);
  });
});
