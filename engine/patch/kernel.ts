import {
  extractVmlinux,
  readBzImage,
  readDirectory,
  type BzImage,
  type CodecName,
} from '../bzimage/index.js';
import { EM_X86_64, readElf, readSymbols, type ByteSource, type ElfFile } from '../elf/index.js';
import { patchErrors } from '../errors/patch.js';
import { addressText, type SignedAddress } from '../kernel/address.js';
import { addressOfName, namesOfKallsyms, namesOfSymbols, type NameTable } from '../kernel/names.js';
import { loadSections, sectionAt, type LoadedSection } from '../kernel/sections.js';
import type { JobOptions } from '../progress.js';
import { readKernelImage } from '../recipe/index.js';
import { readKallsymsNames } from '../recipe/kallsyms/index.js';
import type { Bytes } from '../units.js';

/** A kernel whose patch sites are looked at: what its bzImage unpacks to, with names. */
export interface PatchKernel {
  /** What the user calls it. */
  label: string;
  /** `6.1.192` or `6.1.0-42-amd64`, where the bzImage tells. */
  version: string | null;
  bzImage: BzImage;
  codec: CodecName;
  /** The unpacked payload: the ELF, and the relocation lists behind it. Never written to. */
  payload: Uint8Array;
  elf: ElfFile;
  /** By address. Their bytes are views of `payload`. */
  sections: LoadedSection[];
  names: NameTable;
  /** Whether names are those of the vmlinux beside the bzImage, or of the kernel's own kallsyms. */
  namesFrom: 'symbols' | 'kallsyms' | 'nothing';
  relocations: Relocations;
  /** `_stext` to `_etext`: the code that stays after boot. */
  text: AddressRange;
}

export interface AddressRange {
  start: SignedAddress;
  /** First address behind it. */
  end: SignedAddress;
}

/**
 * Fields that KASLR corrects (arch/x86/tools/relocs.c), by address: absolute ones of 32 and of
 * 64 bits, and 32-bit per-CPU ones that are corrected the other way round. Empty for a kernel that
 * cannot be moved.
 */
export interface Relocations {
  abs32: Float64Array<ArrayBuffer>;
  abs64: Float64Array<ArrayBuffer>;
  inverse32: Float64Array<ArrayBuffer>;
}

export interface PatchKernelInput {
  label: string;
  /** The bzImage. */
  bytes: Uint8Array;
  /** The vmlinux that it was made of, for its symbols. */
  vmlinux?: ByteSource | undefined;
}

/**
 * Unpacks a bzImage and reads what patching needs to know.
 * @throws patch-multi-image, patch-not-x86-64, bzimage-*, payload-*, kernel-*, elf-*, cancelled
 */
export async function readPatchKernel(
  { label, bytes, vmlinux }: PatchKernelInput,
  options: JobOptions = {},
): Promise<PatchKernel> {
  const bzImage = readBzImage(bytes);
  if (readDirectory(bzImage)) throw patchErrors.multiImage({ file: label });
  const { bytes: payload, elf, codec } = await extractVmlinux(bzImage, options);
  const { machine } = elf.header;
  if (machine !== EM_X86_64) throw patchErrors.width({ file: label, machine });
  const sections = loadSections(elf, label);
  const { names, namesFrom } = readNames(payload, vmlinux);
  return {
    label,
    version: bzImage.kernelVersion?.split(' ', 1)[0] ?? null,
    ...{ bzImage, codec, payload, elf, sections, names, namesFrom },
    relocations: readRelocations(payload),
    text: textRange(sections, names, label),
  };
}

function readNames(
  payload: Uint8Array,
  vmlinux: ByteSource | undefined,
): Pick<PatchKernel, 'names' | 'namesFrom'> {
  const symbols = vmlinux && readSymbols(readElf(vmlinux));
  if (symbols) return { names: namesOfSymbols(symbols), namesFrom: 'symbols' };
  const own = readKallsymsNames(payload);
  if (own) return { names: namesOfKallsyms(own), namesFrom: 'kallsyms' };
  return {
    names: namesOfKallsyms({
      ...{ count: 0, name: () => '', type: () => '', address: new Uint32Array(0) },
    }),
    namesFrom: 'nothing',
  };
}

function readRelocations(payload: Uint8Array): Relocations {
  const image = readKernelImage(payload);
  const list = ({ offset, size }: { offset: number; size: Bytes }) =>
    Float64Array.from({ length: size / 4 }, (_, i) => image.view.getInt32(offset + 4 * i, true));
  const { abs32, abs64, inverse32 } = image.relocations;
  return { abs32: list(abs32), abs64: list(abs64), inverse32: list(inverse32) };
}

/** `.text` as a section, where there are no labels. @throws patch-outside when there is none */
function textRange(
  sections: readonly LoadedSection[],
  names: NameTable,
  label: string,
): AddressRange {
  const start = addressOfName(names, '_stext') ?? addressOfName(names, '_text');
  const end = addressOfName(names, '_etext');
  if (start !== undefined && end !== undefined && start < end) return { start, end };
  const text = sections.find(({ name }) => name === '.text');
  if (!text) {
    throw patchErrors.outside({ what: `the code (.text) of ${label}`, address: '0', size: 0 });
  }
  return { start: text.start, end: text.start + text.size };
}

/** The section of a name, or undefined. */
export function sectionNamed(kernel: PatchKernel, name: string): LoadedSection | undefined {
  return kernel.sections.find((section) => section.name === name);
}

/**
 * The kernel's bytes as they are in the file. Views: not to be written to.
 * @param what names the thing for the error
 * @throws patch-outside
 */
export function bytesAt(
  kernel: PatchKernel,
  address: SignedAddress,
  size: Bytes,
  what: string,
): Uint8Array {
  const section = kernel.sections[sectionAt(kernel.sections, address)];
  const from = section ? address - section.start : 0;
  if (!section || from + size > section.bytes.length) {
    throw patchErrors.outside({ what, address: addressText(address), size });
  }
  return section.bytes.subarray(from, from + size);
}

/**
 * A table that the kernel walks at boot: the section of its own that it has, or what lies
 * between two labels of the linker script, which the final link may have put into another section.
 * Undefined where the kernel has none, or an empty one.
 */
export function tableOf(
  kernel: PatchKernel,
  { section, start, end }: { section: string; start: string; end: string },
): { start: SignedAddress; bytes: Uint8Array } | undefined {
  const from = addressOfName(kernel.names, start);
  const to = addressOfName(kernel.names, end);
  if (from !== undefined && to !== undefined) {
    if (to <= from) return undefined;
    return { start: from, bytes: bytesAt(kernel, from, to - from, section) };
  }
  const own = sectionNamed(kernel, section);
  return own && own.bytes.length > 0 ? { start: own.start, bytes: own.bytes } : undefined;
}
