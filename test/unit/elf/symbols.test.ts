import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import {
  functionAt,
  memorySource,
  readElf,
  readFunctions,
  readSymbols,
  sectionAbsolute,
  symbolAddress,
  symbolBinding,
  symbolName,
  symbolType,
  symbolsNamed,
  type SymbolTable,
} from '../../../engine/elf/index.js';
import { ByteWriter, buildElf, symbolTable, type BuildSymbol } from '../../support/elf-builder.js';

const localFunction = 0x02;
const globalFunction = 0x12;
const base = 0xffffffff81000000n;

function symbolsOf(list: BuildSymbol[], width: 32 | 64 = 64, shndx?: Uint8Array): SymbolTable {
  const { symtab, strtab } = symbolTable(list, width);
  const sections = [
    { name: '.text', type: 1, data: new Uint8Array(16) },
    { name: '.symtab', type: 2, data: symtab, link: 3, entrySize: width === 64 ? 24 : 16 },
    { name: '.strtab', type: 3, data: strtab },
    ...(shndx ? [{ name: '.symtab_shndx', type: 18, data: shndx, link: 2, entrySize: 4 }] : []),
  ];
  return readSymbols(readElf(memorySource(buildElf({ width, sections }))))!;
}

describe('readSymbols', () => {
  it.each([32, 64] as const)('reads every column, ELF%i', (width) => {
    const value = width === 64 ? base + 5n : 0xc1000005n;
    const table = symbolsOf(
      [
        { name: 'schedule', value, size: 77, info: globalFunction },
        { name: 'absolute', value: 1n, section: 0xfff1 },
      ],
      width,
    );
    expect(table.length).toBe(3);
    expect(symbolName(table, 0)).toBe('');
    expect(symbolName(table, 1)).toBe('schedule');
    expect(table.value[1]).toBe(value);
    expect(table.size[1]).toBe(77);
    expect([symbolBinding(table, 1), symbolType(table, 1)]).toEqual([1, 2]);
    expect([...table.section]).toEqual([0, 1, sectionAbsolute]);
  });

  it('takes section numbers that do not fit from SHT_SYMTAB_SHNDX', () => {
    const shndx = new ByteWriter().uint(0, 4).uint(70_000, 4).uint(9, 4).done();
    const table = symbolsOf(
      [
        { name: 'far', value: base, section: 0xffff },
        { name: 'near', value: base, section: 1 },
      ],
      64,
      shndx,
    );
    expect([...table.section]).toEqual([0, 70_000, 1]);
  });

  it('reads tables that do not lie on a word boundary, in a Buffer', () => {
    const { symtab, strtab } = symbolTable([{ name: 'a', value: base }]);
    const sections = [
      { name: '.symtab', type: 2, data: symtab, link: 2, entrySize: 24 },
      { name: '.strtab', type: 3, data: strtab },
    ];
    const shifted = Buffer.concat([Buffer.from([0]), buildElf({ sections })]).subarray(1);
    expect(shifted.byteOffset % 4).not.toBe(0);
    expect(readSymbols(readElf(memorySource(shifted)))!.value[1]).toBe(base);
  });

  it('answers undefined for a stripped file and refuses entries of another size', () => {
    expect(readSymbols(readElf(memorySource(buildElf({}))))).toBeUndefined();
    const sections = [{ name: '.symtab', type: 2, data: new Uint8Array(24), entrySize: 1 }];
    const elf = readElf(memorySource(buildElf({ sections })));
    expect(() => readSymbols(elf)).toThrow(labError('elf-malformed'));
  });
});

describe('finding symbols by name', () => {
  const table = symbolsOf([
    { name: 'dup', value: base },
    { name: 'dup', value: base + 1n },
    { name: 'duplicate', value: base + 2n },
  ]);

  it('finds all of a name and only whole names', () => {
    expect(symbolsNamed(table, 'dup')).toEqual([1, 2]);
    expect(symbolsNamed(table, 'upli')).toEqual([]);
    expect(symbolsNamed(table, 'licate')).toEqual([]);
  });

  it('gives an address only for a unique name', () => {
    expect(symbolAddress(table, 'duplicate')).toBe(base + 2n);
    expect(symbolAddress(table, 'dup')).toBeUndefined();
    expect(symbolAddress(table, 'none')).toBeUndefined();
  });
});

describe('readFunctions', () => {
  const table = symbolsOf([
    { name: 'late', value: base + 0x200n, size: 0x10, info: localFunction },
    { name: 'outer', value: base, size: 0x100, info: localFunction },
    { name: 'inner', value: base + 0x40n, size: 0x10, info: localFunction },
    { name: 'alias_local', value: base + 0x300n, size: 0x20, info: localFunction },
    { name: 'alias_global', value: base + 0x300n, size: 0x10, info: globalFunction },
    { name: 'no_size', value: base + 0x400n, size: 0, info: globalFunction },
    { name: 'data', value: base + 0x10n, size: 0x10, info: 0x11 },
    { name: 'undefined', value: 0n, size: 0x10, info: globalFunction, section: 0 },
    { name: 'low', value: 0x1000n, size: 4, info: globalFunction },
  ]);
  const functions = readFunctions(table);
  const nameAt = (address: bigint): string | null => {
    const row = functionAt(functions, address);
    return row < 0 ? null : symbolName(table, functions.symbol[row]!);
  };

  it('sorts by address, across the sign bit, one row an address', () => {
    const names = [...functions.symbol].map((i) => symbolName(table, i));
    expect(names).toEqual(['low', 'outer', 'inner', 'late', 'alias_global', 'no_size']);
    expect(functions.size[4]).toBe(0x20);
  });

  it.each([
    [0n, null],
    [0x1000n, 'low'],
    [0x1004n, null],
    [base, 'outer'],
    [base + 0x3fn, 'outer'],
    [base + 0x40n, 'inner'],
    [base + 0x4fn, 'inner'],
    [base + 0x50n, 'outer'],
    [base + 0xffn, 'outer'],
    [base + 0x100n, null],
    [base + 0x30fn, 'alias_global'],
    [base + 0x400n, 'no_size'],
    [base + 0x401n, null],
    [0xffffffffffffffffn, null],
  ])('functionAt %# finds the innermost function', (address, expected) => {
    expect(nameAt(address)).toBe(expected);
  });
});
