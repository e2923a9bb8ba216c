import { hex } from '../errors/lab-error.js';
import type { BzImage } from './bzimage.js';
import { xloadflags } from './fields.js';
import type { KernelDescription } from './kernel.js';
import type { PeHeader } from './pe.js';

/** A place at which an image may be entered. */
export interface EntryPoint {
  name: string;
  /** In the address space that `space` names; hexadecimal. */
  address: string;
  /** `file` offset, `physical`, `virtual`, or `loaded`: behind where the protected-mode code was put. */
  space: 'file' | 'physical' | 'virtual' | 'loaded';
  /** Who enters there. */
  by: string;
}

/** Documentation/arch/x86/boot.rst, "64-bit boot protocol": code64 follows 0x200 behind code32. */
const code64Offset = 0x200;

/** Every entry point of an image, by what its headers say. */
export function describeEntries(
  image: BzImage | null,
  pe: PeHeader | null,
  kernel: KernelDescription | null,
): EntryPoint[] {
  return [...(image ? setupEntries(image, pe) : []), ...(kernel ? kernelEntries(kernel) : [])];
}

function setupEntries({ fields, setupSize }: BzImage, pe: PeHeader | null): EntryPoint[] {
  const { code32_start, handover_offset = 0, xloadflags: flags = 0 } = fields;
  const entries: EntryPoint[] = [
    { name: 'setup, 16-bit', address: hex(0x200), space: 'file', by: 'BIOS loaders (jump)' },
    {
      ...{ name: 'protected mode, 32-bit', address: hex(code32_start ?? 0x100000) },
      ...{ space: 'physical', by: 'its own setup code, 32-bit loaders, kexec (code32_start)' },
    },
  ];
  const behind = (name: string, offset: number, by: string): EntryPoint => ({
    ...{ name, address: hex(offset), space: 'loaded', by },
  });
  if (flags & xloadflags.XLF_KERNEL_64) {
    const by = '64-bit loaders, kexec (XLF_KERNEL_64)';
    entries.push(behind('long mode, 64-bit', code64Offset, by));
  }
  if (handover_offset > 0 && flags & xloadflags.XLF_EFI_HANDOVER_32) {
    entries.push(
      behind('EFI handover, 32-bit', handover_offset, 'loaders on 32-bit UEFI (handover_offset)'),
    );
  }
  if (handover_offset > 0 && flags & xloadflags.XLF_EFI_HANDOVER_64) {
    const offset = handover_offset + code64Offset;
    entries.push(
      behind('EFI handover, 64-bit', offset, 'loaders on UEFI (handover_offset + 0x200)'),
    );
  }
  if (pe) {
    // The PE image is the file, so that its addresses are offsets into it.
    const inCode = pe.entry >= setupSize ? `, ${hex(pe.entry - setupSize)} behind the setup` : '';
    const by = `UEFI firmware, as an application${inCode}`;
    entries.push({ name: 'EFI stub (PE)', address: hex(pe.entry), space: 'file', by });
  }
  return entries;
}

function kernelEntries(kernel: KernelDescription): EntryPoint[] {
  const note = (name: string): string | undefined =>
    kernel.xenNotes.findLast((one) => one.name === name)?.value;
  const [pv, pvh] = [note('ENTRY'), note('PHYS32_ENTRY')];
  const entries: EntryPoint[] = [
    {
      ...{ name: 'vmlinux', address: kernel.entry, space: 'physical' },
      by: 'the decompressor, and loaders of an ELF (e_entry)',
    },
  ];
  if (pv !== undefined) {
    entries.push({ name: 'Xen PV', address: pv, space: 'virtual', by: 'Xen (note ENTRY)' });
  }
  if (pvh !== undefined) {
    const by = 'Xen PVH, QEMU with a vmlinux (note PHYS32_ENTRY)';
    entries.push({ name: 'PVH, 32-bit', address: pvh, space: 'physical', by });
  }
  return entries;
}
