import { viewOf } from '../elf/header.js';
import type { Bytes, FileOffset } from '../units.js';
import type { FileRange } from './bzimage.js';

/**
 * What of a PE/COFF header concerns a kernel with EFI stub (arch/x86/boot/header.S):
 * to UEFI firmware the bzImage is an application of this form.
 */
export interface PeHeader {
  /** 0x8664 x86-64, 0x14c i386. */
  machine: number;
  /** 0x20b PE32+, 0x10b PE32. */
  magic: number;
  /** Where firmware enters it: `AddressOfEntryPoint`. */
  entry: number;
  /** Bytes that the image takes in memory. */
  sizeOfImage: Bytes;
  sections: { name: string; virtualAddress: number; virtualSize: Bytes; raw: FileRange }[];
  /** Data directory 4: signatures at the end of the file; null when the image is not signed. */
  certificates: FileRange | null;
  /** Where that directory entry stands; null when the header is too short to have it. */
  certificateEntry: FileOffset | null;
}

/** No kernel has more than 5; the field could say 65 535. */
const mostSections = 96;

/** Reads the PE header; null when there is none or it does not hold together. */
export function readPe(bytes: Uint8Array): PeHeader | null {
  const view = viewOf(bytes);
  if (bytes.length < 0x40 || view.getUint16(0, true) !== 0x5a4d) return null;
  const coff = view.getUint32(0x3c, true) + 4;
  if (coff + 20 > bytes.length || view.getUint32(coff - 4, true) !== 0x4550) return null;
  const optional = coff + 20;
  const optionalSize = view.getUint16(coff + 16, true);
  const table = optional + optionalSize;
  const count = Math.min(view.getUint16(coff + 2, true), mostSections);
  if (optionalSize < 64 || table + count * 40 > bytes.length) return null;
  const magic = view.getUint16(optional, true);
  // The data directories follow the header's own fields, whose width depends on the magic.
  const directories = magic === 0x20b ? 112 : 96;
  const entry = directories + 4 * 8 + 8 <= optionalSize ? optional + directories + 32 : null;
  const signed = entry !== null && view.getUint32(entry + 4, true) > 0;
  return {
    machine: view.getUint16(coff, true),
    magic,
    entry: view.getUint32(optional + 16, true),
    sizeOfImage: view.getUint32(optional + 56, true),
    sections: Array.from({ length: count }, (_, i) => readSection(bytes, view, table + i * 40)),
    certificates: signed
      ? { offset: view.getUint32(entry, true), size: view.getUint32(entry + 4, true) }
      : null,
    certificateEntry: entry,
  };
}

function readSection(bytes: Uint8Array, view: DataView, at: number): PeHeader['sections'][number] {
  const name = Buffer.from(bytes.subarray(at, at + 8)).toString('latin1');
  return {
    name: name.split('\0', 1)[0]!,
    virtualSize: view.getUint32(at + 8, true),
    virtualAddress: view.getUint32(at + 12, true),
    raw: { size: view.getUint32(at + 16, true), offset: view.getUint32(at + 20, true) },
  };
}
