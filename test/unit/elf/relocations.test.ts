import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import {
  memorySource,
  readAllRelocations,
  readElf,
  readRelocations,
  relocationSections,
} from '../../../engine/elf/index.js';
import { ByteWriter, buildElf } from '../../support/elf-builder.js';

function tableOf(width: 32 | 64, type: 4 | 9, data: Uint8Array, entrySize: number) {
  const sections = [
    { name: '.text', type: 1, data: new Uint8Array(16) },
    { name: '.rel', type, data, entrySize, info: 1, link: 5 },
  ];
  const elf = readElf(memorySource(buildElf({ width, sections })));
  const [section] = relocationSections(elf);
  return readRelocations(elf, section!);
}

describe('readRelocations', () => {
  it('reads ELF64 RELA', () => {
    const data = new ByteWriter()
      .uint(0xffffffff81000123n, 8)
      .uint(11, 4)
      .uint(31_000, 4)
      .uint(-4n & (2n ** 64n - 1n), 8)
      .uint(0xffffffff81000200n, 8)
      .uint(2, 4)
      .uint(7, 4)
      .uint(0x1234, 8)
      .done();
    const table = tableOf(64, 4, data, 24);
    expect(table).toMatchObject({ length: 2, section: 2, target: 1, symbols: 5 });
    expect([...table.offset]).toEqual([0xffffffff81000123n, 0xffffffff81000200n]);
    expect([...table.type]).toEqual([11, 2]);
    expect([...table.symbol]).toEqual([31_000, 7]);
    expect([...table.addend!]).toEqual([-4n, 0x1234n]);
  });

  it('reads ELF64 REL, which has no addends', () => {
    const data = new ByteWriter().uint(0x10, 8).uint(1, 4).uint(3, 4).done();
    const table = tableOf(64, 9, data, 16);
    expect(table.addend).toBeNull();
    expect([table.offset[0], table.type[0], table.symbol[0]]).toEqual([0x10n, 1, 3]);
  });

  it('reads ELF32 REL, as i386 kernels have it', () => {
    const data = new ByteWriter()
      .uint(0xc1000123, 4)
      .uint((70_000 << 8) | 2, 4)
      .done();
    const table = tableOf(32, 9, data, 8);
    expect([table.offset[0], table.type[0], table.symbol[0]]).toEqual([0xc1000123n, 2, 70_000]);
  });

  it('reads ELF32 RELA with signed addends', () => {
    const data = new ByteWriter()
      .uint(8, 4)
      .uint((1 << 8) | 1, 4)
      .uint(0xfffffffc, 4)
      .done();
    expect([...tableOf(32, 4, data, 12).addend!]).toEqual([-4n]);
  });

  it('reads all sections of a file, unless they say the same again and again', () => {
    const data = new Uint8Array(24 * 10);
    const section = { name: '.rela', type: 4, data, entrySize: 24 };
    const bytes = buildElf({ sections: [section, section] });
    const elf = readElf(memorySource(bytes));
    expect(readAllRelocations(elf).map((table) => table.length)).toEqual([10, 10]);
    const [first] = relocationSections(elf);
    elf.sections = Array.from({ length: 100 }, () => first!);
    expect(() => readAllRelocations(elf)).toThrow(labError('elf-limit'));
  });

  it('ignores a ragged end and refuses entries of another size', () => {
    expect(tableOf(64, 4, new Uint8Array(30), 24).length).toBe(1);
    expect(() => tableOf(64, 4, new Uint8Array(24), 0)).toThrow(
      labError('elf-malformed', { message: 'malformed ELF: entries of .rel are 0 bytes, not 24' }),
    );
  });
});
