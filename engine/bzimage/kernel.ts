import {
  EM_386,
  EM_X86_64,
  SHT_SYMTAB,
  buildId,
  readNotes,
  xenFeatureNames,
  xenNote,
  xenNotes,
  type ElfFile,
  type ElfWidth,
  type XenNote,
} from '../elf/index.js';
import { viewOf } from '../elf/header.js';
import { cString } from '../elf/notes.js';
import { hex } from '../errors/lab-error.js';
import type { Bytes } from '../units.js';
import { describeSections, type SectionDescription } from './elf-sections.js';
import { describeNotes, noteText, type NoteDescription } from './notes.js';
import type { Vmlinux } from './vmlinux.js';

/** A kernel's ELF as `kbl inspect` shows it. Addresses are hexadecimal text, safe for JSON. */
export interface KernelDescription {
  width: ElfWidth;
  /** `x86-64`, `i386`, or the number of the machine. */
  machine: string;
  entry: string;
  /** `Linux version 6.1.0 (user@host) ...`, as the kernel prints it first. */
  banner: string | null;
  buildId: string | null;
  /** Size of the ELF itself, unpacked. */
  elfSize: Bytes;
  /** Bytes behind the ELF: the relocation table of a kernel that can be moved (KASLR). */
  relocationTableSize: Bytes;
  stripped: boolean;
  /** XEN_ELFNOTE_* by name, in the file's order; empty for a kernel without Xen. */
  xenNotes: { name: string; value: string }[];
  /** Features that the kernel supports under Xen, from both feature notes; `!` marks required ones. */
  xenFeatures: string[];
  sections: SectionDescription[];
  /** Every ELF note, those of Xen too, in the file's order. */
  notes: NoteDescription[];
  /** Magic of a multiboot header (1 or 2), as the Xen hypervisor has one. */
  multiboot: 1 | 2 | null;
}

/** @throws elf-* for notes that break the format */
export function describeKernel({ bytes, elf, elfEnd }: Vmlinux): KernelDescription {
  const notes = readNotes(elf);
  const xen = xenNotes(notes);
  return {
    width: elf.header.width,
    machine: machineName(elf),
    entry: hex(elf.header.entry),
    banner: findBanner(bytes),
    buildId: buildId(notes) ?? null,
    elfSize: elfEnd,
    relocationTableSize: bytes.length - elfEnd,
    stripped: !elf.sections.some((section) => section.type === SHT_SYMTAB),
    xenNotes: xen.map(({ name, value }) => ({ name, value: noteText(value) })),
    xenFeatures: featuresOf(xen),
    sections: describeSections(elf),
    notes: describeNotes(notes),
    multiboot: findMultiboot(bytes),
  };
}

function machineName(elf: ElfFile): string {
  const { machine } = elf.header;
  if (machine === EM_X86_64) return 'x86-64';
  return machine === EM_386 ? 'i386' : String(machine);
}

function featuresOf(notes: readonly XenNote[]): string[] {
  const listed = xenNote(notes, 'FEATURES');
  const mask = xenNote(notes, 'SUPPORTED_FEATURES');
  const names = typeof listed === 'string' ? listed.split('|').filter(Boolean) : [];
  const known = new Set(names.map((name) => name.replace('!', '')));
  const masked = typeof mask === 'bigint' ? xenFeatureNames(mask) : [];
  return [...names, ...masked.filter((name) => !known.has(name))];
}

/** Copies of the banner that are looked at before giving up on a better one. */
const mostBanners = 16;

/**
 * The `linux_banner` string: "Linux version" and a digit. Since 6.1 a copy
 * without build number precedes the true one (init/version.c, then
 * init/version-timestamp.c), so the first with `#N` is preferred.
 */
function findBanner(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefix = 'Linux version ';
  let first: string | null = null;
  let at = buffer.indexOf(prefix);
  for (let seen = 0; at >= 0 && seen < mostBanners; seen++) {
    const text = cString(buffer.subarray(at)).trimEnd();
    if (/ #\d/.test(text)) return text;
    if (first === null && /^Linux version \d/.test(text)) first = text;
    at = buffer.indexOf(prefix, at + prefix.length);
  }
  return first;
}

/**
 * Multiboot headers: 0x1badb002 in the first 8 KiB at a multiple of 4, its
 * three words summing to 0 (Multiboot 0.6.96, 3.1.1); 0xe85250d6 in the first
 * 32 KiB at a multiple of 8, four words summing to 0 (Multiboot 2.0, 3.1.1).
 */
function findMultiboot(bytes: Uint8Array): 1 | 2 | null {
  const view = viewOf(bytes);
  const sum = (at: number, words: number): number => {
    let total = 0;
    for (let i = 0; i < words; i++) total = (total + view.getUint32(at + 4 * i, true)) >>> 0;
    return total;
  };
  for (let at = 0; at + 16 <= Math.min(bytes.length, 32_768); at += 4) {
    const word = view.getUint32(at, true);
    if (word === 0x1badb002 && at < 8192 && sum(at, 3) === 0) return 1;
    if (word === 0xe85250d6 && at % 8 === 0 && sum(at, 4) === 0) return 2;
  }
  return null;
}
