import { elfErrors } from '../errors/elf.js';
import { SHT_REL, SHT_RELA } from './constants.js';
import { sectionBytes, type ElfFile, type IndexIntoSectionTable, type Section } from './file.js';
import { checkRows } from './symbols.js';
import { wordsOf } from './words.js';

/** The relocations of one section as columns, in the file's order. */
export interface RelocationTable {
  length: number;
  /** The section that holds the entries, e.g. `.rela.text`. */
  section: IndexIntoSectionTable;
  /** The section they change (`sh_info`); 0 when they are for no one section. */
  target: IndexIntoSectionTable;
  /** The symbol table that `symbol` indexes (`sh_link`). */
  symbols: IndexIntoSectionTable;
  /**
   * `r_offset`: a virtual address in a linked file (vmlinux with
   * `--emit-relocs`), an offset into the target section in an object file.
   */
  offset: BigUint64Array;
  /** R_X86_64_*, R_386_*. */
  type: Uint32Array;
  /** Index into the symbol table, not checked against its length. */
  symbol: Uint32Array;
  /** `r_addend`; null for SHT_REL, where the addend is the content of the place itself. */
  addend: BigInt64Array | null;
}

/** The sections that hold relocations. */
export function relocationSections(elf: ElfFile): Section[] {
  return elf.sections.filter((s) => s.type === SHT_REL || s.type === SHT_RELA);
}

/**
 * Reads every relocation section. Together they may not be larger than the
 * file: sections that overlap could make it say the same a thousand times.
 * @throws elf-malformed, elf-out-of-file, elf-limit
 */
export function readAllRelocations(elf: ElfFile): RelocationTable[] {
  const sections = relocationSections(elf);
  const total = sections.reduce((sum, section) => sum + section.size, 0);
  const limit = elf.source.size;
  if (total > limit) throw elfErrors.limit({ what: 'the size of all relocations', limit });
  return sections.map((section) => readRelocations(elf, section));
}

/**
 * Reads one relocation section.
 * @throws elf-malformed, elf-out-of-file, elf-limit
 */
export function readRelocations(elf: ElfFile, section: Section): RelocationTable {
  const wide = elf.header.width === 64;
  const withAddends = section.type === SHT_RELA;
  const rowWords = (wide ? 4 : 2) + (withAddends ? (wide ? 2 : 1) : 0);
  checkRows(elf, section, rowWords * 4);
  const words = wordsOf(sectionBytes(elf, section));
  const length = Math.floor(words.length / rowWords);
  const table: RelocationTable = {
    length,
    section: section.index,
    target: section.info,
    symbols: section.link,
    offset: new BigUint64Array(length),
    type: new Uint32Array(length),
    symbol: new Uint32Array(length),
    addend: withAddends ? new BigInt64Array(length) : null,
  };
  if (wide) fill64(table, words, rowWords);
  else fill32(table, words, rowWords);
  return table;
}

/** Elf64_Rel(a): offset, type, symbol, (addend). */
function fill64(table: RelocationTable, words: Uint32Array, rowWords: number): void {
  const offset = new Uint32Array(table.offset.buffer);
  const addend = table.addend && new Uint32Array(table.addend.buffer);
  for (let i = 0, w = 0; i < table.length; i++, w += rowWords) {
    offset[2 * i] = words[w]!;
    offset[2 * i + 1] = words[w + 1]!;
    table.type[i] = words[w + 2]!;
    table.symbol[i] = words[w + 3]!;
    if (addend) {
      addend[2 * i] = words[w + 4]!;
      addend[2 * i + 1] = words[w + 5]!;
    }
  }
}

/** Elf32_Rel(a): offset, symbol << 8 | type, (addend, signed). */
function fill32(table: RelocationTable, words: Uint32Array, rowWords: number): void {
  const offset = new Uint32Array(table.offset.buffer);
  for (let i = 0, w = 0; i < table.length; i++, w += rowWords) {
    offset[2 * i] = words[w]!;
    table.type[i] = words[w + 1]! & 0xff;
    table.symbol[i] = words[w + 1]! >>> 8;
    if (table.addend) table.addend[i] = BigInt(words[w + 2]! | 0);
  }
}
