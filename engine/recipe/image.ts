import {
  PT_LOAD,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHT_PROGBITS,
  elfEnd,
  memorySource,
  readElf,
  sectionName,
  type ElfFile,
} from '../elf/index.js';
import { viewOf } from '../elf/header.js';
import type { Bytes, FileOffset } from '../units.js';

/**
 * Low 32 bits of a virtual address, as an unsigned number. A kernel's segments
 * lie within 2 GB, so that this names every byte of it; per-CPU data of x86-64
 * has addresses from 0.
 */
export type Address32 = number;

/** A piece of the file that is loaded: PT_LOAD. */
export interface LoadedRange {
  offset: FileOffset;
  address: Address32;
  /** Bytes in the file. */
  size: Bytes;
  /** Bytes in memory, .bss included. */
  memory: Bytes;
}

export interface FileRange {
  offset: FileOffset;
  size: Bytes;
}

/** Lists of addresses behind the ELF, in the order of arch/x86/tools/relocs.c from the end. */
export interface RelocationLists {
  /** 32-bit absolute addresses. */
  abs32: FileRange;
  /** PC-relative references to per-CPU data, which KASLR corrects the other way round. */
  inverse32: FileRange;
  /** 64-bit absolute addresses. */
  abs64: FileRange;
}

/** The table of the ORC unwinder: PC-relative addresses, and 6 bytes to each (asm/orc_types.h). */
export interface OrcTable {
  ip: FileOffset;
  entries: FileOffset;
  count: number;
}

/** A bzImage's unpacked payload, as recipes see it: an ELF and its relocation table. */
export interface KernelImage {
  bytes: Uint8Array;
  view: DataView;
  /** Where the ELF ends and the relocation table begins. */
  elfEnd: FileOffset;
  loaded: LoadedRange[];
  /** Ranges with instructions. */
  code: FileRange[];
  relocations: RelocationLists;
  orc: OrcTable | null;
}

/**
 * Reads what a recipe needs to know of a payload. Nothing of it is trusted
 * later: a wrong guess makes a recipe larger, never wrong.
 * @throws elf-*
 */
export function readKernelImage(given: Uint8Array): KernelImage {
  const bytes = plainBytes(given);
  const elf = readElf(memorySource(bytes));
  const end = Math.min(elfEnd(elf), bytes.length);
  const loaded = loadedRanges(elf, bytes.length);
  const start = firstAddress({ loaded });
  const sections = elf.sections.filter(
    ({ type, flags, offset, size }) =>
      type === SHT_PROGBITS &&
      (flags & SHF_ALLOC) !== 0n &&
      offset + size <= end &&
      size > 0 &&
      isLoaded(loaded, offset, size),
  );
  const code = sections
    .filter(({ flags }) => (flags & SHF_EXECINSTR) !== 0n)
    .map(({ offset, size }) => ({ offset, size }));
  const named = (name: string): FileRange | undefined =>
    sections.find((section) => sectionName(elf, section) === name);
  const image = {
    bytes,
    view: viewOf(bytes),
    loaded,
    code: largest(withoutFill(bytes, code.length > 0 ? code : executableSegments(elf, loaded))),
    ...readRelocationLists(bytes, end, start),
  };
  return { ...image, orc: orcTable(image, named('.orc_unwind_ip'), named('.orc_unwind')) };
}

/** More ranges of one kind than this no kernel has; decoders keep tables of this size. */
export const mostRanges = 16;

function largest<T extends FileRange>(ranges: T[]): T[] {
  const kept = [...ranges].sort((a, b) => b.size - a.size).slice(0, mostRanges);
  return kept.sort((a, b) => a.offset - b.offset);
}

/** The same bytes as no Buffer, whose `slice` would share them. */
export const plainBytes = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

const low32 = (address: bigint): Address32 => Number(BigInt.asUintN(32, address));

function loadedRanges(elf: ElfFile, fileSize: Bytes): LoadedRange[] {
  const ranges = elf.segments
    .filter(({ type, fileSize: size }) => type === PT_LOAD && size > 0)
    .filter(({ offset, fileSize: size }) => offset + size <= fileSize)
    .map(({ offset, virtualAddress, fileSize: size, memorySize }) => ({
      offset,
      address: low32(virtualAddress),
      size,
      memory: memorySize,
    }))
    // The order of address maps begins anew at 0x80000000.
    .filter(({ address, size }) => address >= 0x80000000 || address + size <= 0x80000000)
    .sort((a, b) => a.offset - b.offset)
    .filter(({ offset }, i, all) => i === 0 || offset >= all[i - 1]!.offset + all[i - 1]!.size);
  return largest(ranges);
}

function isLoaded(loaded: readonly LoadedRange[], offset: FileOffset, size: Bytes): boolean {
  return loaded.some((l) => offset >= l.offset && offset + size <= l.offset + l.size);
}

/** Without section headers: the segments that may be executed, data in them included. */
function executableSegments(elf: ElfFile, loaded: readonly LoadedRange[]): FileRange[] {
  const executable = 1;
  return loaded
    .filter(({ offset }) =>
      elf.segments.some((s) => s.type === PT_LOAD && s.offset === offset && s.flags & executable),
    )
    .map(({ offset, size }) => ({ offset, size }));
}

/** Code has fill of megabytes, to the next large page; to search it takes time at boot. */
function withoutFill(bytes: Uint8Array, code: readonly FileRange[]): FileRange[] {
  const least = 1 << 14;
  const pieces: FileRange[] = [];
  for (const { offset, size } of code) {
    const end = offset + size;
    let start = offset;
    for (let at = offset; at < end;) {
      const from = at;
      while (at < end && bytes[at] === bytes[from]) at++;
      if (at - from < least) continue;
      if (from > start) pieces.push({ offset: start, size: from - start });
      start = at;
    }
    if (end > start) pieces.push({ offset: start, size: end - start });
  }
  return pieces;
}

/**
 * arch/x86/tools/relocs.c appends three lists of 32-bit addresses, each behind a
 * zero: absolute 64-bit ones, inverse ones, absolute 32-bit ones. They are read
 * from the end, as handle_relocations() in arch/x86/boot/compressed/misc.c does.
 * What is there but looks otherwise counts as part of the ELF.
 */
function readRelocationLists(
  bytes: Uint8Array,
  elfEndAt: FileOffset,
  start: Address32,
): Pick<KernelImage, 'elfEnd' | 'relocations'> {
  const view = viewOf(bytes);
  let end = bytes.length;
  const list = (): FileRange => {
    let at = end;
    while (at - 4 >= elfEndAt && view.getUint32(at - 4, true) !== 0) at -= 4;
    const range = { offset: at, size: end - at };
    end = at - 4 >= elfEndAt ? at - 4 : at;
    return range;
  };
  const abs32 = list();
  const inverse32 = list();
  const relocations = { abs32, inverse32, abs64: list() };
  const isList = ({ offset, size }: FileRange): boolean =>
    isTable(size / 4, start, (i) => view.getUint32(offset + 4 * i, true));
  if (!Object.values(relocations).every(isList)) {
    const none = { offset: bytes.length, size: 0 };
    return { elfEnd: bytes.length, relocations: { abs32: none, inverse32: none, abs64: none } };
  }
  return { elfEnd: end, relocations };
}

/** Of a table, at most so many rows have one address. */
export const mostAlike = 2;

/** Do addresses ascend, and lie within half a gigabyte of the first loaded one? Decoders rely on it. */
function isTable(count: number, start: Address32, addressAt: (i: number) => Address32): boolean {
  let before = -1;
  let alike = 0;
  for (let i = 0; i < count; i++) {
    const address = addressAt(i);
    alike = address === before ? alike + 1 : 1;
    if (address < before || alike > mostAlike) return false;
    if (Math.abs((address - start) | 0) >= 1 << 29) return false;
    before = address;
  }
  return true;
}

function orcTable(
  image: Pick<KernelImage, 'view' | 'loaded'>,
  ip: FileRange | undefined,
  entries: FileRange | undefined,
): OrcTable | null {
  if (!ip || !entries) return null;
  const count = ip.size / 4;
  if (!Number.isInteger(count) || entries.size !== 6 * count) return null;
  const table = { ip: ip.offset, entries: entries.offset, count };
  const at = addressOf(image, ip.offset)!;
  const isSorted = isTable(count, firstAddress(image), (i) => orcAddress(image.view, table, at, i));
  return isSorted ? table : null;
}

/** The address of a row of an ORC table that lies at `tableAddress`. */
export function orcAddress(
  view: DataView,
  { ip }: OrcTable,
  tableAddress: Address32,
  i: number,
): Address32 {
  return (tableAddress + 4 * i + view.getUint32(ip + 4 * i, true)) >>> 0;
}

/** Where tables of addresses begin to count: the first loaded byte. */
export const firstAddress = ({ loaded }: Pick<KernelImage, 'loaded'>): Address32 =>
  loaded[0]?.address ?? 0;

/** The address of a byte of the file; undefined where nothing is loaded. */
export function addressOf(
  image: Pick<KernelImage, 'loaded'>,
  offset: FileOffset,
): Address32 | undefined {
  const range = loadedAt(image.loaded, offset);
  return range && (range.address + offset - range.offset) >>> 0;
}

export function loadedAt(
  loaded: readonly LoadedRange[],
  offset: FileOffset,
): LoadedRange | undefined {
  return loaded.find((l) => offset >= l.offset && offset < l.offset + l.size);
}

/** The byte of the file that is loaded at an address. */
export function offsetOf(image: KernelImage, address: Address32): FileOffset | undefined {
  const range = image.loaded.find((l) => (address - l.address) >>> 0 < l.size);
  return range && range.offset + ((address - range.address) >>> 0);
}
