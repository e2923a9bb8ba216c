import {
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHT_NOBITS,
  SHT_NOTE,
  SHT_PROGBITS,
  SHT_REL,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  sectionLabel,
  type ElfFile,
} from '../elf/index.js';
import { hex } from '../errors/lab-error.js';
import type { Bytes, FileOffset } from '../units.js';

/** A section header as `readelf -S` shows it. */
export interface SectionDescription {
  name: string;
  type: string;
  /** `A` takes memory, `W` writable, `X` executable. */
  flags: string;
  address: string;
  offset: FileOffset;
  size: Bytes;
}

const typeNames: Readonly<Record<number, string>> = {
  [SHT_PROGBITS]: 'PROGBITS',
  [SHT_SYMTAB]: 'SYMTAB',
  [SHT_STRTAB]: 'STRTAB',
  [SHT_RELA]: 'RELA',
  [SHT_NOTE]: 'NOTE',
  [SHT_NOBITS]: 'NOBITS',
  [SHT_REL]: 'REL',
  [SHT_SYMTAB_SHNDX]: 'SYMTAB_SHNDX',
};

/** Every section but the empty first one. */
export function describeSections(elf: ElfFile): SectionDescription[] {
  return elf.sections.slice(1).map((section) => ({
    name: sectionLabel(elf, section),
    type: typeNames[section.type] ?? hex(section.type),
    flags: [
      section.flags & SHF_WRITE ? 'W' : '',
      section.flags & SHF_ALLOC ? 'A' : '',
      section.flags & SHF_EXECINSTR ? 'X' : '',
    ].join(''),
    address: hex(section.address),
    offset: section.offset,
    size: section.size,
  }));
}
