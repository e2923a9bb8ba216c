import { describe, expect, it } from 'vitest';
import {
  decodeKallsyms,
  encodeKallsyms,
  readKallsyms,
  type Kallsyms,
} from '../../../engine/recipe/kallsyms/index.js';
import { RangeDecoder, RangeEncoder } from '../../../engine/recipe/range-coder.js';
import { kallsymsImage, type TestSymbol, type TestTables } from '../../support/kallsyms-image.js';

const text = (names: string[], start = 0x81000000): TestSymbol[] =>
  names.map((name, i) => ({ name, address: start + 0x40 * i }));

const few = text(['T_text', 'Tstartup_64', 'tinit_once', 'tinit_once', 'Tschedule', 't_schedule']);

function read(image: Uint8Array): Kallsyms {
  const kallsyms = readKallsyms(image);
  if ('reason' in kallsyms) throw new Error(kallsyms.reason);
  return kallsyms;
}

function namesOf({ names }: Kallsyms): string[] {
  return Array.from({ length: names.count }, (_, i) =>
    Buffer.from(names.text.subarray(names.start[i], names.start[i + 1])).toString('latin1'),
  );
}

/** The flavour's image with everything that the stage rebuilds taken away and rebuilt. */
function rebuilt(base: Uint8Array, flavour: Uint8Array, shift: number | null = null): Uint8Array {
  const map = shift === null ? null : (address: number) => (address + shift) >>> 0;
  const coder = new RangeEncoder();
  const target = read(flavour);
  encodeKallsyms(coder, read(base), target, map);
  const out = Uint8Array.from(flavour);
  for (const [start, end] of target.ranges) out.fill(0xee, start, end);
  const decoder = new RangeDecoder(coder.finish());
  decodeKallsyms(decoder, base, out, map);
  expect(decoder.overrun).toBe(false);
  return out;
}

const layouts: [string, TestTables][] = [
  ['Linux 6.1', { absolutePercpu: true }],
  ['before seqs_of_names', { sequenced: false }],
  ['Linux 6.4', { namesFirst: true, absolutePercpu: true }],
  ['names first, without seqs_of_names', { namesFirst: true, sequenced: false }],
  ['i386', { word: 4, relativeBase: 0xc1000000 }],
  ['i386 since 6.4', { word: 4, namesFirst: true, relativeBase: 0xc1000000 }],
];

describe.each(layouts)('kallsyms as in %s', (_, tables) => {
  const start = tables.relativeBase ?? 0x81000000;
  const many = text(
    Array.from({ length: 700 }, (_, i) => `${i % 3 === 0 ? 'T' : 't'}symbol_${(i * 7919) % 1000}`),
    start,
  );
  const percpu = tables.absolutePercpu
    ? [
        { name: 'Afixed_percpu_data', address: 0 },
        { name: 'Acpu_number', address: 0x1f840 },
      ]
    : [];

  it('is found without symbols', () => {
    const kallsyms = read(kallsymsImage([...percpu, ...many], tables));
    expect(namesOf(kallsyms)).toEqual([...percpu, ...many].map(({ name }) => name));
    expect([...kallsyms.addresses]).toEqual([...percpu, ...many].map(({ address }) => address));
    expect(kallsyms.tables.layout).toMatchObject({
      word: 8,
      namesFirst: false,
      sequenced: true,
      ...(({ relativeBase: _, ...layout }) => layout)(tables),
      absolutePercpu: tables.absolutePercpu ?? false,
    });
  });

  it('is rebuilt from another kernel', () => {
    const base = kallsymsImage([...percpu, ...many], { ...tables, before: 512 });
    const changed = many
      .filter((_, i) => i % 50 !== 7)
      .map(({ name, address }, i) => ({
        name: i % 90 === 5 ? `${name}.constprop.0` : name,
        address: address + 16 * Math.floor(i / 40),
      }));
    const flavour = kallsymsImage([...percpu, ...changed], { ...tables, before: 2048 });
    expect(rebuilt(base, flavour)).toEqual(Uint8Array.from(flavour));
    expect(rebuilt(base, flavour, 16)).toEqual(Uint8Array.from(flavour));
  });
});

describe('rebuilding kallsyms', () => {
  const image = kallsymsImage(few);

  it.each<[string, TestSymbol[]]>([
    ['the same list', few],
    ['names in another order', text(few.map(({ name }) => name).reverse())],
    [
      'equal names, more of them',
      text([...few.map(({ name }) => name), 'tinit_once', 'tinit_once']),
    ],
    ['nothing in common', text(['Ta', 'tb', 'tc'])],
    ['another type letter', text(['T_text', 'tstartup_64'])],
    ['lengths of two bytes', text(['T_text', `t${uneven(300)}`, 'tinit_once', `t${uneven(127)}`])],
    ['one letter again and again', text(['T_text', 'taaaaaaa', 'taaaaaa', 'taaaaa', 'Taaaa'])],
    ['letters above 127', text(['T_text', 'tgr\u00f6\u00dfe'])],
    ['addresses far away', [...few, { name: 'D_end', address: 0xfff00000 }]],
    ['one symbol', text(['T_text'])],
  ])('copes with %s', (_, symbols) => {
    const flavour = kallsymsImage(symbols);
    expect(rebuilt(image, flavour)).toEqual(Uint8Array.from(flavour));
  });

  it('copes with a base that has no sequence numbers', () => {
    const flavour = kallsymsImage(few, { namesFirst: true });
    expect(rebuilt(kallsymsImage(few, { sequenced: false }), flavour)).toEqual(
      Uint8Array.from(flavour),
    );
  });

  it('needs next to nothing for the same list', () => {
    const coder = new RangeEncoder();
    encodeKallsyms(coder, read(image), read(image), null);
    expect(coder.finish().length).toBeLessThan(50);
  });
});

/** Letters in which no pair is frequent, so that the packed name stays long. */
function uneven(length: number): string {
  return Array.from({ length }, (_, i) => String.fromCharCode(65 + ((i * i * 7 + i) % 60))).join(
    '',
  );
}

describe('looking for kallsyms', () => {
  const image = kallsymsImage(few);
  const nothing = { reason: 'no kallsyms tables were found' };

  it('says why there is nothing to rebuild', () => {
    const none = Uint8Array.from(image).fill(0xa5, 64);
    expect(readKallsyms(none)).toEqual(nothing);
    const unsorted = Uint8Array.from(image);
    const { sequences } = read(image).tables.places;
    unsorted.copyWithin(sequences, sequences + 3, sequences + 6);
    unsorted.set(image.subarray(sequences, sequences + 3), sequences + 3);
    expect(readKallsyms(unsorted)).toEqual({
      reason: 'the kallsyms names are sorted in an unknown way',
    });
  });

  it('wants every table to agree', () => {
    const { places } = read(image).tables;
    for (const at of [
      places.markers,
      places.sequences,
      places.numSyms,
      places.tokenIndex + 2,
      places.offsets + 7,
    ]) {
      const broken = Uint8Array.from(image);
      broken[at]! ^= 0x40;
      expect(readKallsyms(broken), `byte ${at}`).toEqual(nothing);
    }
  });

  it('refuses names that are packed in another way', () => {
    const { places } = read(image).tables;
    const broken = Uint8Array.from(image);
    // The letter T now stands for another.
    const table = Buffer.from(broken.buffer, places.tokenTable);
    table[table.indexOf('\0T\0') + 1] = 0x21;
    expect(readKallsyms(broken)).toEqual({
      reason: 'the kallsyms names are packed in an unknown way',
    });
  });

  it('does not look at a file that is no ELF', () => {
    const other = Uint8Array.from(image);
    other[1] = 0;
    expect(readKallsyms(other)).toEqual(nothing);
    expect(readKallsyms(new Uint8Array(0))).toEqual(nothing);
  });
});
