import { elfErrors } from '../errors/elf.js';
import type { Bytes, FileOffset, PhysicalAddress, VirtualAddress } from '../units.js';
import { PN_XNUM, SHN_UNDEF, SHN_XINDEX, SHT_NOBITS, SHT_STRTAB } from './constants.js';
import { readHeader, viewOf, wideNumber, type ElfHeader } from './header.js';
import { maximumHeaders } from './limits.js';
import type { ByteSource } from './source.js';
import { stringAt, stringEquals, type StringTable } from './strings.js';

export type IndexIntoSectionTable = number;

/** A section header (gABI `Elf64_Shdr`). */
export interface Section {
  index: IndexIntoSectionTable;
  /** `sh_name`; `sectionName` resolves it. */
  nameOffset: Bytes;
  type: number;
  flags: bigint;
  address: VirtualAddress;
  offset: FileOffset;
  /** `sh_size`; a SHT_NOBITS section takes no bytes of the file. */
  size: Bytes;
  link: number;
  info: number;
  align: number;
  entrySize: Bytes;
}

/** A program header (gABI `Elf64_Phdr`). */
export interface Segment {
  type: number;
  flags: number;
  offset: FileOffset;
  virtualAddress: VirtualAddress;
  physicalAddress: PhysicalAddress;
  fileSize: Bytes;
  memorySize: Bytes;
  align: number;
}

/** An ELF whose headers were read; contents are read when asked for. */
export interface ElfFile {
  source: ByteSource;
  header: ElfHeader;
  sections: Section[];
  segments: Segment[];
  sectionNames: StringTable;
}

/**
 * Reads the header, section headers, program headers and section names.
 * Extended numbering (gABI: section 0 holds `e_shnum`, `e_shstrndx`, `e_phnum`
 * that do not fit 16 bits) is followed.
 * @throws elf-not-elf, elf-unsupported, elf-out-of-file, elf-malformed, elf-limit
 */
export function readElf(source: ByteSource): ElfFile {
  const header = readHeader(source);
  const first = header.shoff === 0 ? undefined : readSections(source, header, 1)[0];
  const shnum = header.shnum !== 0 ? header.shnum : (first?.size ?? 0);
  const phnum = header.phnum === PN_XNUM && first ? first.info : header.phnum;
  const shstrndx = header.shstrndx === SHN_XINDEX && first ? first.link : header.shstrndx;
  const sections = header.shoff === 0 ? [] : readSections(source, header, shnum);
  const segments = phnum === 0 ? [] : readSegments(source, header, phnum);
  const elf: ElfFile = { source, header, sections, segments, sectionNames: emptyStrings };
  if (shstrndx !== SHN_UNDEF && sections.length > 0) {
    elf.sectionNames = readStringTable(elf, shstrndx, 'the section name table');
  }
  return elf;
}

const emptyStrings: StringTable = { bytes: new Uint8Array(0), section: '(no section names)' };

function readSections(source: ByteSource, header: ElfHeader, count: number): Section[] {
  const { shoff, shentsize, width } = header;
  const wide = width === 64;
  checkHeaders('section headers', count, shentsize, wide ? 64 : 40);
  const view = viewOf(source.read(shoff, count * shentsize, 'the section header table'));
  const sections = new Array<Section>(count);
  for (let index = 0; index < count; index++) {
    const at = index * shentsize;
    sections[index] = wide ? section64(view, at, index) : section32(view, at, index);
  }
  return sections;
}

function section64(view: DataView, at: number, index: number): Section {
  return {
    index,
    nameOffset: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getBigUint64(at + 8, true),
    address: view.getBigUint64(at + 16, true),
    offset: wideNumber(view, at + 24),
    size: wideNumber(view, at + 32),
    link: view.getUint32(at + 40, true),
    info: view.getUint32(at + 44, true),
    align: wideNumber(view, at + 48),
    entrySize: wideNumber(view, at + 56),
  };
}

function section32(view: DataView, at: number, index: number): Section {
  return {
    index,
    nameOffset: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: BigInt(view.getUint32(at + 8, true)),
    address: BigInt(view.getUint32(at + 12, true)),
    offset: view.getUint32(at + 16, true),
    size: view.getUint32(at + 20, true),
    link: view.getUint32(at + 24, true),
    info: view.getUint32(at + 28, true),
    align: view.getUint32(at + 32, true),
    entrySize: view.getUint32(at + 36, true),
  };
}

function readSegments(source: ByteSource, header: ElfHeader, count: number): Segment[] {
  const { phoff, phentsize, width } = header;
  const wide = width === 64;
  checkHeaders('program headers', count, phentsize, wide ? 56 : 32);
  const view = viewOf(source.read(phoff, count * phentsize, 'the program header table'));
  const segments = new Array<Segment>(count);
  for (let index = 0; index < count; index++) {
    const at = index * phentsize;
    segments[index] = wide ? segment64(view, at) : segment32(view, at);
  }
  return segments;
}

function segment64(view: DataView, at: number): Segment {
  return {
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: wideNumber(view, at + 8),
    virtualAddress: view.getBigUint64(at + 16, true),
    physicalAddress: view.getBigUint64(at + 24, true),
    fileSize: wideNumber(view, at + 32),
    memorySize: wideNumber(view, at + 40),
    align: wideNumber(view, at + 48),
  };
}

function segment32(view: DataView, at: number): Segment {
  return {
    type: view.getUint32(at, true),
    offset: view.getUint32(at + 4, true),
    virtualAddress: BigInt(view.getUint32(at + 8, true)),
    physicalAddress: BigInt(view.getUint32(at + 12, true)),
    fileSize: view.getUint32(at + 16, true),
    memorySize: view.getUint32(at + 20, true),
    flags: view.getUint32(at + 24, true),
    align: view.getUint32(at + 28, true),
  };
}

/** The format lets entries grow, never shrink: smaller ones would overlap. */
function checkHeaders(what: string, count: number, entrySize: Bytes, least: Bytes): void {
  if (entrySize < least) {
    throw elfErrors.malformed({
      what: `${what} of ${entrySize} bytes, at least ${least} are needed`,
    });
  }
  if (count > maximumHeaders)
    throw elfErrors.limit({ what: `the number of ${what}`, limit: maximumHeaders });
}

/** @throws elf-malformed for an index outside of the section table */
export function sectionAt(elf: ElfFile, index: IndexIntoSectionTable, what: string): Section {
  const section = elf.sections[index];
  if (!section) {
    const count = elf.sections.length;
    throw elfErrors.malformed({ what: `${what} names section ${index} of ${count}` });
  }
  return section;
}

/** @throws elf-malformed, elf-limit */
export function sectionName(elf: ElfFile, section: Section): string {
  return stringAt(elf.sectionNames, section.nameOffset);
}

/** The first section of a name, or undefined. */
export function findSection(elf: ElfFile, name: string): Section | undefined {
  const wanted = Buffer.from(name);
  return elf.sections.find((s) => stringEquals(elf.sectionNames, s.nameOffset, wanted));
}

/** A section's name for an error message, where the name itself may be broken. */
export function sectionLabel(elf: ElfFile, section: Section): string {
  try {
    return sectionName(elf, section) || `section ${section.index}`;
  } catch {
    return `section ${section.index}`;
  }
}

/**
 * A section's bytes in the file: none for SHT_NOBITS.
 * @throws elf-out-of-file, elf-limit, elf-unreadable
 */
export function sectionBytes(elf: ElfFile, section: Section): Uint8Array {
  if (section.type === SHT_NOBITS) return new Uint8Array(0);
  return elf.source.read(section.offset, section.size, sectionLabel(elf, section));
}

/** A segment's bytes in the file. @throws elf-out-of-file, elf-limit, elf-unreadable */
export function segmentBytes(elf: ElfFile, segment: Segment): Uint8Array {
  return elf.source.read(segment.offset, segment.fileSize, 'a segment');
}

/**
 * The string table that a header field points at.
 * @throws elf-malformed, elf-out-of-file, elf-limit
 */
export function readStringTable(
  elf: ElfFile,
  index: IndexIntoSectionTable,
  what: string,
): StringTable {
  const section = sectionAt(elf, index, what);
  if (section.type !== SHT_STRTAB) {
    throw elfErrors.malformed({ what: `${what} is section ${index}, which is no string table` });
  }
  const bytes = elf.source.read(section.offset, section.size, what);
  return { bytes, section: sectionLabel(elf, section) };
}

/**
 * Where the ELF ends in its source: the furthest byte that a header, section
 * or segment takes. A relocatable kernel's payload goes on behind it with the
 * relocation table for KASLR (arch/x86/boot/compressed/Makefile, vmlinux.relocs).
 */
export function elfEnd(elf: ElfFile): FileOffset {
  const { header, sections, segments } = elf;
  let end = Math.max(
    header.ehsize,
    header.shoff + sections.length * header.shentsize,
    header.phoff + segments.length * header.phentsize,
  );
  for (const section of sections) {
    if (section.type !== SHT_NOBITS) end = Math.max(end, section.offset + section.size);
  }
  for (const segment of segments) end = Math.max(end, segment.offset + segment.fileSize);
  return end;
}
