import { elfErrors } from '../errors/elf.js';
import type { Bytes, FileOffset, VirtualAddress } from '../units.js';
import { ELFCLASS32, ELFCLASS64, ELFDATA2LSB, EV_CURRENT } from './constants.js';
import type { ByteSource } from './source.js';

/** 32 for ELF32, 64 for ELF64: the width of addresses in the file. */
export type ElfWidth = 32 | 64;

/** The ELF header (gABI chapter 4), counts as they stand there: see PN_XNUM and SHN_XINDEX. */
export interface ElfHeader {
  width: ElfWidth;
  /** `e_type`: 1 REL, 2 EXEC, 3 DYN. */
  type: number;
  /** `e_machine`: EM_386, EM_X86_64. */
  machine: number;
  /** `e_entry`; a kernel's is physical (startup_64). */
  entry: VirtualAddress;
  phoff: FileOffset;
  shoff: FileOffset;
  flags: number;
  ehsize: Bytes;
  phentsize: Bytes;
  phnum: number;
  shentsize: Bytes;
  shnum: number;
  shstrndx: number;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A 64-bit offset or size as a number. Values beyond 2^53 lose low bits, which
 * does not matter: they are far outside of any file and fail the bounds check.
 */
export function wideNumber(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** True when the bytes begin with the ELF magic. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** @throws elf-not-elf, elf-unsupported, elf-out-of-file */
export function readHeader(source: ByteSource): ElfHeader {
  const identity = source.read(0, Math.min(16, source.size), 'the ELF header');
  if (!isElf(identity)) {
    const found = Buffer.from(identity.subarray(0, 4)).toString('hex') || 'nothing';
    throw elfErrors.notElf({ found });
  }
  const [elfClass, data, version] = identity.subarray(4, 7);
  if (elfClass !== ELFCLASS32 && elfClass !== ELFCLASS64) {
    throw elfErrors.unsupported({ what: `class ${elfClass}`, offset: 4 });
  }
  if (data !== ELFDATA2LSB) {
    throw elfErrors.unsupported({ what: `byte order ${data} (not little-endian)`, offset: 5 });
  }
  if (version !== EV_CURRENT) {
    throw elfErrors.unsupported({ what: `version ${version}`, offset: 6 });
  }
  const wide = elfClass === ELFCLASS64;
  const view = viewOf(source.read(0, wide ? 64 : 52, 'the ELF header'));
  // Behind the three address-sized fields both layouts go on alike.
  const tail = wide ? 48 : 36;
  return {
    width: wide ? 64 : 32,
    type: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    entry: wide ? view.getBigUint64(24, true) : BigInt(view.getUint32(24, true)),
    phoff: wide ? wideNumber(view, 32) : view.getUint32(28, true),
    shoff: wide ? wideNumber(view, 40) : view.getUint32(32, true),
    flags: view.getUint32(tail, true),
    ehsize: view.getUint16(tail + 4, true),
    phentsize: view.getUint16(tail + 6, true),
    phnum: view.getUint16(tail + 8, true),
    shentsize: view.getUint16(tail + 10, true),
    shnum: view.getUint16(tail + 12, true),
    shstrndx: view.getUint16(tail + 14, true),
  };
}
