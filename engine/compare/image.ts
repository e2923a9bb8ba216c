import { compareErrors } from '../errors/compare.js';
import {
  EM_386,
  EM_X86_64,
  readElf,
  readSymbols,
  type ByteSource,
  type ElfFile,
  type SymbolTable,
} from '../elf/index.js';
import type { SignedAddress } from '../kernel/address.js';
import { loadSections, sectionAt, type LoadedSection } from '../kernel/sections.js';

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
 * @throws compare-not-x86, compare-no-symbols, kernel-overlap, kernel-far-address, elf-*
 */
export function loadKernel(source: ByteSource, label: string): KernelImage {
  const elf = readElf(source);
  const { machine, width } = elf.header;
  if (machine !== EM_X86_64 && machine !== EM_386) throw compareErrors.notX86({ label, machine });
  const symbols = readSymbols(elf);
  if (!symbols) throw compareErrors.noSymbols({ label });
  return { label, elf, width, symbols, sections: loadSections(elf, label) };
}

/** Position in `image.sections` of the section that holds an address, or -1. */
export function sectionOf({ sections }: KernelImage, address: SignedAddress): number {
  return sectionAt(sections, address);
}
