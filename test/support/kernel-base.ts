import { readFileSync } from 'node:fs';
import {
  memorySource,
  readElf,
  readSymbols,
  sectionBytes,
  symbolsNamed,
} from '../../engine/elf/index.js';
import type { PhysicalAddress, VirtualAddress } from '../../engine/units.js';
import type { StoppedGuest } from './guest-state.js';

/** Where a kernel's `_text` is. */
export interface KernelBase {
  virtual: VirtualAddress;
  physical: PhysicalAddress;
}

/** MIN_KERNEL_ALIGN of x86-64 (arch/x86/include/asm/boot.h): kernels are mapped in pages of so much. */
export const kernelAlign = 0x200000n;

/** __START_KERNEL_map and KERNEL_IMAGE_SIZE with KASLR (arch/x86/include/asm/page_64_types.h). */
const kernelMap = { start: 0xffffffff80000000n, size: 1n << 30n };

/** What it takes to tell where a kernel is: addresses as linked. */
export interface KernelLayout {
  text: VirtualAddress;
  /** Bytes that no boot changes and no other build has: no relocation is in them. */
  banner: { address: VirtualAddress; bytes: Buffer };
}

/** Reads where a vmlinux is linked, and its `linux_banner`. */
export function kernelLayout(vmlinux: string): KernelLayout {
  const elf = readElf(memorySource(readFileSync(vmlinux)));
  const symbols = readSymbols(elf)!;
  const [text] = symbolsNamed(symbols, '_text');
  const [banner] = symbolsNamed(symbols, 'linux_banner');
  const address = symbols.value[banner!]!;
  const section = elf.sections[symbols.section[banner!]!]!;
  const at = Number(address - section.address);
  const bytes = Buffer.from(sectionBytes(elf, section)).subarray(at, at + symbols.size[banner!]!);
  return { text: symbols.value[text!]!, banner: { address, bytes } };
}

/**
 * Finds a guest's kernel: the lowest page of the kernel's map, since
 * __startup_64() and cleanup_highmap() take away all that lies below `_text`.
 * The kernel's banner must be as far from there as it was linked, in virtual
 * and in physical memory, so that what is returned is the base and no guess.
 * The guest may have been stopped in user mode: page-table isolation, which
 * hides the kernel there, is for Intel's processors, and the lab's are AMD's.
 */
export async function kernelBase(guest: StoppedGuest, layout: KernelLayout): Promise<KernelBase> {
  const end = kernelMap.start + kernelMap.size;
  for (let virtual = kernelMap.start; virtual < end; virtual += kernelAlign) {
    const physical = await guest.physical(virtual);
    if (physical === undefined) continue;
    const { address, bytes } = layout.banner;
    const inside = address - layout.text;
    const mapped = await guest.memory(virtual + inside, bytes.length);
    const stored = await guest.physicalMemory(physical + inside, bytes.length);
    if (mapped.equals(bytes) && stored.equals(bytes)) return { virtual, physical };
    throw new Error(`what is mapped at 0x${virtual.toString(16)} is not this kernel`);
  }
  throw new Error('no kernel is mapped');
}
