import { compareErrors } from '../errors/compare.js';
import {
  EM_386,
  EM_X86_64,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHT_NOBITS,
  readElf,
  readSymbols,
  sectionBytes,
  sectionName,
  type ByteSource,
  type ElfFile,
  type IndexIntoSectionTable,
  type SymbolTable,
} from '../elf/index.js';
import type { Bytes } from '../units.js';
import { signedAddress, type SignedAddress } from './address.js';

/** A section that occupies memory. */
export interface LoadedSection {
  name: string;
  /** Its number in the file's section table. */
  index: IndexIntoSectionTable;
  start: SignedAddress;
  size: Bytes;
  /** Empty for SHT_NOBITS. */
  bytes: Uint8Array;
  executable: boolean;
  writable: boolean;
}

/** A vmlinux with what comparing needs of it in memory. */
export interface KernelImage {
  /** What the user calls it. */
  label: string;
  elf: ElfFile;
  width: 32 | 64;
  symbols: SymbolTable;
  /** By address; empty ones are left out. */
  sections: LoadedSection[];
}

/**
 * Reads an ELF's sections and symbols.
 * @throws compare-not-x86, compare-no-symbols, compare-overlap, compare-far-address, elf-*
 */
export function loadKernel(source: ByteSource, label: string): KernelImage {
  const elf = readElf(source);
  const { machine, width } = elf.header;
  if (machine !== EM_X86_64 && machine !== EM_386) throw compareErrors.notX86({ label, machine });
  const symbols = readSymbols(elf);
  if (!symbols) throw compareErrors.noSymbols({ label });
  return { label, elf, width, symbols, sections: loadSections(elf, label) };
}

const farthest = 2 ** 52;

function loadSections(elf: ElfFile, label: string): LoadedSection[] {
  const wanted = elf.sections.filter((s) => (s.flags & SHF_ALLOC) !== 0n && s.size > 0);
  const inFile = wanted.reduce((sum, s) => sum + (s.type === SHT_NOBITS ? 0 : s.size), 0);
  // Sections that share bytes of the file could make it a thousand times its size.
  if (inFile > elf.source.size) throw compareErrors.overlap({ label, what: 'in the file' });
  const sections = wanted
    .map((section) => ({
      name: sectionName(elf, section),
      index: section.index,
      start: signedAddress(section.address),
      size: section.size,
      bytes: sectionBytes(elf, section),
      executable: (section.flags & SHF_EXECINSTR) !== 0n,
      writable: (section.flags & SHF_WRITE) !== 0n,
    }))
    .sort((a, b) => a.start - b.start || a.index - b.index);
  sections.forEach((section, i) => {
    // Beyond, a double can no longer tell one byte from the next: see SignedAddress.
    if (Math.abs(section.start) + section.size > farthest) {
      throw compareErrors.farAddress({ label, section: section.name });
    }
    const next = sections[i + 1];
    if (next && section.start + section.size > next.start) {
      const what = `in memory (${section.name} and ${next.name})`;
      throw compareErrors.overlap({ label, what });
    }
  });
  return sections;
}

/** Position in `image.sections` of the section that holds an address, or -1. */
export function sectionOf(image: KernelImage, address: SignedAddress): number {
  const { sections } = image;
  let low = 0;
  let high = sections.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sections[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  const found = sections[low - 1];
  return found && address < found.start + found.size ? low - 1 : -1;
}
