import { elfErrors } from '../errors/elf.js';
import type { Bytes, VirtualAddress } from '../units.js';
import { SHN_LORESERVE, SHN_XINDEX, SHT_SYMTAB, SHT_SYMTAB_SHNDX } from './constants.js';
import {
  readStringTable,
  sectionBytes,
  sectionLabel,
  type ElfFile,
  type IndexIntoSectionTable,
  type Section,
} from './file.js';
import { stringAt, stringEquals, type StringTable } from './strings.js';
import { wordsOf } from './words.js';

export type IndexIntoSymbolTable = number;

/**
 * Symbols as columns; row i of each belongs to symbol i. Rows keep the file's
 * order, so that a relocation's symbol number is an index into them.
 */
export interface SymbolTable {
  length: number;
  /** `st_name`, resolved by `symbolName`. */
  nameOffset: Uint32Array;
  /** `st_value`: a `VirtualAddress` in vmlinux, an offset into its section in an object file. */
  value: BigUint64Array;
  /** `st_size` in bytes. Sizes beyond 2^53, which nothing real has, are rounded. */
  size: Float64Array;
  /** `st_info`: binding in the upper half, type in the lower. */
  info: Uint8Array;
  /** `st_other`. */
  other: Uint8Array;
  /**
   * The symbol's section, extended numbers resolved. Reserved numbers (SHN_ABS
   * 0xfff1, SHN_COMMON 0xfff2, ...) are moved to 0xffff0000 + number, where no
   * real section can be.
   */
  section: Uint32Array;
  strings: StringTable;
}

/** `SymbolTable.section` of absolute symbols. */
export const sectionAbsolute: IndexIntoSectionTable = 0xfffffff1;

/**
 * Reads the symbol table of a section, `.symtab` unless another one is given;
 * undefined when the file is stripped.
 * @throws elf-malformed, elf-out-of-file, elf-limit
 */
export function readSymbols(
  elf: ElfFile,
  section: Section | undefined = elf.sections.find((s) => s.type === SHT_SYMTAB),
): SymbolTable | undefined {
  if (!section) return undefined;
  const wide = elf.header.width === 64;
  const rowWords = wide ? 6 : 4;
  checkRows(elf, section, rowWords * 4);
  const strings = readStringTable(elf, section.link, `${sectionLabel(elf, section)}'s strings`);
  const bytes = sectionBytes(elf, section);
  const words = wordsOf(bytes);
  const table = emptyTable(Math.floor(words.length / rowWords), strings);
  if (wide) fill64(table, words);
  else fill32(table, words);
  resolveSections(elf, section, table);
  return table;
}

/** @throws elf-malformed when `sh_entsize` is not the size of an entry */
export function checkRows(elf: ElfFile, section: Section, rowBytes: Bytes): void {
  if (section.entrySize === rowBytes) return;
  const label = sectionLabel(elf, section);
  throw elfErrors.malformed({
    what: `entries of ${label} are ${section.entrySize} bytes, not ${rowBytes}`,
    place: { section: label, offset: section.offset },
  });
}

function emptyTable(length: number, strings: StringTable): SymbolTable {
  return {
    length,
    nameOffset: new Uint32Array(length),
    value: new BigUint64Array(length),
    size: new Float64Array(length),
    info: new Uint8Array(length),
    other: new Uint8Array(length),
    section: new Uint32Array(length),
    strings,
  };
}

/** Elf64_Sym: name, info|other|shndx, value, size. */
function fill64(table: SymbolTable, words: Uint32Array): void {
  const value = new Uint32Array(table.value.buffer);
  for (let i = 0, w = 0; i < table.length; i++, w += 6) {
    table.nameOffset[i] = words[w]!;
    setPacked(table, i, words[w + 1]!);
    value[2 * i] = words[w + 2]!;
    value[2 * i + 1] = words[w + 3]!;
    table.size[i] = words[w + 4]! + words[w + 5]! * 2 ** 32;
  }
}

/** Elf32_Sym: name, value, size, info|other|shndx. */
function fill32(table: SymbolTable, words: Uint32Array): void {
  const value = new Uint32Array(table.value.buffer);
  for (let i = 0, w = 0; i < table.length; i++, w += 4) {
    table.nameOffset[i] = words[w]!;
    value[2 * i] = words[w + 1]!;
    table.size[i] = words[w + 2]!;
    setPacked(table, i, words[w + 3]!);
  }
}

function setPacked(table: SymbolTable, i: IndexIntoSymbolTable, packed: number): void {
  table.info[i] = packed & 0xff;
  table.other[i] = (packed >>> 8) & 0xff;
  table.section[i] = packed >>> 16;
}

/** Replaces SHN_XINDEX by SHT_SYMTAB_SHNDX's entry, and moves the reserved numbers away. */
function resolveSections(elf: ElfFile, symtab: Section, table: SymbolTable): void {
  const extended = elf.sections.find((s) => s.type === SHT_SYMTAB_SHNDX && s.link === symtab.index);
  const indexes = extended && wordsOf(sectionBytes(elf, extended));
  for (let i = 0; i < table.length; i++) {
    const short = table.section[i]!;
    if (short < SHN_LORESERVE) continue;
    table.section[i] = short === SHN_XINDEX && indexes ? (indexes[i] ?? 0) : 0xffff0000 + short;
  }
}

/** @throws elf-malformed, elf-limit for a broken name */
export function symbolName(table: SymbolTable, index: IndexIntoSymbolTable): string {
  return stringAt(table.strings, table.nameOffset[index]!);
}

/** STT_FUNC, STT_OBJECT, ... */
export function symbolType(table: SymbolTable, index: IndexIntoSymbolTable): number {
  return table.info[index]! & 0xf;
}

/** STB_LOCAL, STB_GLOBAL, STB_WEAK. */
export function symbolBinding(table: SymbolTable, index: IndexIntoSymbolTable): number {
  return table.info[index]! >>> 4;
}

/**
 * Every symbol of a name, in the file's order: static functions of a kernel
 * share names. Compares bytes, decodes nothing.
 */
export function symbolsNamed(table: SymbolTable, name: string): IndexIntoSymbolTable[] {
  const wanted = Buffer.from(name);
  const found: IndexIntoSymbolTable[] = [];
  for (let i = 0; i < table.length; i++) {
    if (stringEquals(table.strings, table.nameOffset[i]!, wanted)) found.push(i);
  }
  return found;
}

/** The address of a symbol whose name is unique; undefined when it is missing or not unique. */
export function symbolAddress(table: SymbolTable, name: string): VirtualAddress | undefined {
  const [first, ...others] = symbolsNamed(table, name);
  return first === undefined || others.length > 0 ? undefined : table.value[first];
}
