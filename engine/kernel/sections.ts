import {
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHT_NOBITS,
  sectionBytes,
  sectionName,
  type ElfFile,
  type IndexIntoSectionTable,
} from '../elf/index.js';
import { kernelErrors } from '../errors/kernel.js';
import type { Bytes, FileOffset } from '../units.js';
import { signedAddress, type SignedAddress } from './address.js';

/** A section that occupies memory. */
export interface LoadedSection {
  name: string;
  /** Its number in the file's section table. */
  index: IndexIntoSectionTable;
  start: SignedAddress;
  size: Bytes;
  /** Where its bytes are in the file. */
  offset: FileOffset;
  /** Empty for SHT_NOBITS. */
  bytes: Uint8Array;
  executable: boolean;
  writable: boolean;
}

const farthest = 2 ** 52;

/**
 * The sections of a linked kernel that occupy memory, by address; empty ones are left out.
 * @throws kernel-overlap, kernel-far-address, elf-*
 */
export function loadSections(elf: ElfFile, label: string): LoadedSection[] {
  const wanted = elf.sections.filter((s) => (s.flags & SHF_ALLOC) !== 0n && s.size > 0);
  const inFile = wanted.reduce((sum, s) => sum + (s.type === SHT_NOBITS ? 0 : s.size), 0);
  // Sections that share bytes of the file could make it a thousand times its size.
  if (inFile > elf.source.size) throw kernelErrors.overlap({ label, what: 'in the file' });
  const sections = wanted
    .map((section) => ({
      name: sectionName(elf, section),
      index: section.index,
      start: signedAddress(section.address),
      size: section.size,
      offset: section.offset,
      bytes: sectionBytes(elf, section),
      executable: (section.flags & SHF_EXECINSTR) !== 0n,
      writable: (section.flags & SHF_WRITE) !== 0n,
    }))
    .sort((a, b) => a.start - b.start || a.index - b.index);
  sections.forEach((section, i) => {
    // Beyond, a double can no longer tell one byte from the next: see SignedAddress.
    if (Math.abs(section.start) + section.size > farthest) {
      throw kernelErrors.farAddress({ label, section: section.name });
    }
    const next = sections[i + 1];
    if (next && section.start + section.size > next.start) {
      const what = `in memory (${section.name} and ${next.name})`;
      throw kernelErrors.overlap({ label, what });
    }
  });
  return sections;
}

/** Position in an ascending list of the section that holds an address, or -1. */
export function sectionAt(sections: readonly LoadedSection[], address: SignedAddress): number {
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
