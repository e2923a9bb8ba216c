import type { Bytes, FileOffset } from '../units.js';

/** Who sets a field: the kernel (`read` by the loader), the loader, or the loader over a default. */
export type FieldUse = 'read' | 'write' | 'modify' | 'kernel internal';

export interface FieldDescription {
  name: string;
  /** From the start of the file, as in the kernel's documentation. */
  offset: FileOffset;
  size: Bytes;
  /** First boot protocol version that has it, `0x0204` for 2.04; 0 for all. */
  since: number;
  use: FieldUse;
}

const field = <N extends string, S extends 1 | 2 | 4 | 8>(
  offset: FileOffset,
  size: S,
  since: number,
  name: N,
  use: FieldUse,
): { offset: FileOffset; size: S; since: number; name: N; use: FieldUse } => ({
  offset,
  size,
  since,
  name,
  use,
});

/**
 * The setup header, names and meaning as in Documentation/x86/boot.rst, up to
 * boot protocol 2.15. `syssize` is listed with its width since 2.04.
 */
export const headerFields = [
  field(0x1f1, 1, 0x0000, 'setup_sects', 'read'),
  field(0x1f2, 2, 0x0000, 'root_flags', 'modify'),
  field(0x1f4, 4, 0x0204, 'syssize', 'read'),
  field(0x1f8, 2, 0x0000, 'ram_size', 'kernel internal'),
  field(0x1fa, 2, 0x0000, 'vid_mode', 'modify'),
  field(0x1fc, 2, 0x0000, 'root_dev', 'modify'),
  field(0x1fe, 2, 0x0000, 'boot_flag', 'read'),
  field(0x200, 2, 0x0200, 'jump', 'read'),
  field(0x202, 4, 0x0200, 'header', 'read'),
  field(0x206, 2, 0x0200, 'version', 'read'),
  field(0x208, 4, 0x0200, 'realmode_swtch', 'modify'),
  field(0x20c, 2, 0x0200, 'start_sys_seg', 'read'),
  field(0x20e, 2, 0x0200, 'kernel_version', 'read'),
  field(0x210, 1, 0x0200, 'type_of_loader', 'write'),
  field(0x211, 1, 0x0200, 'loadflags', 'modify'),
  field(0x212, 2, 0x0200, 'setup_move_size', 'modify'),
  field(0x214, 4, 0x0200, 'code32_start', 'modify'),
  field(0x218, 4, 0x0200, 'ramdisk_image', 'write'),
  field(0x21c, 4, 0x0200, 'ramdisk_size', 'write'),
  field(0x220, 4, 0x0200, 'bootsect_kludge', 'kernel internal'),
  field(0x224, 2, 0x0201, 'heap_end_ptr', 'write'),
  field(0x226, 1, 0x0202, 'ext_loader_ver', 'write'),
  field(0x227, 1, 0x0202, 'ext_loader_type', 'write'),
  field(0x228, 4, 0x0202, 'cmd_line_ptr', 'write'),
  field(0x22c, 4, 0x0203, 'initrd_addr_max', 'read'),
  field(0x230, 4, 0x0205, 'kernel_alignment', 'modify'),
  field(0x234, 1, 0x0205, 'relocatable_kernel', 'read'),
  field(0x235, 1, 0x020a, 'min_alignment', 'read'),
  field(0x236, 2, 0x020c, 'xloadflags', 'read'),
  field(0x238, 4, 0x0206, 'cmdline_size', 'read'),
  field(0x23c, 4, 0x0207, 'hardware_subarch', 'write'),
  field(0x240, 8, 0x0207, 'hardware_subarch_data', 'write'),
  field(0x248, 4, 0x0208, 'payload_offset', 'read'),
  field(0x24c, 4, 0x0208, 'payload_length', 'read'),
  field(0x250, 8, 0x0209, 'setup_data', 'write'),
  field(0x258, 8, 0x020a, 'pref_address', 'read'),
  field(0x260, 4, 0x020a, 'init_size', 'read'),
  field(0x264, 4, 0x020b, 'handover_offset', 'read'),
  field(0x268, 4, 0x020f, 'kernel_info_offset', 'read'),
] as const satisfies readonly FieldDescription[];

type AnyField = (typeof headerFields)[number];
export type FieldName = AnyField['name'];
/** 64-bit fields are bigints, the others numbers. */
export type FieldValue<N extends FieldName> = Extract<AnyField, { name: N }>['size'] extends 8
  ? bigint
  : number;

/** The fields by name; those newer than the image's boot protocol are absent. */
export type HeaderValues = { [N in FieldName]?: FieldValue<N> };

/** Bits of `loadflags` (arch/x86/include/uapi/asm/bootparam.h). */
export const loadflags = {
  LOADED_HIGH: 1 << 0,
  KASLR_FLAG: 1 << 1,
  QUIET_FLAG: 1 << 5,
  KEEP_SEGMENTS: 1 << 6,
  CAN_USE_HEAP: 1 << 7,
} as const;

/** Bits of `xloadflags` (arch/x86/include/uapi/asm/bootparam.h). */
export const xloadflags = {
  XLF_KERNEL_64: 1 << 0,
  XLF_CAN_BE_LOADED_ABOVE_4G: 1 << 1,
  XLF_EFI_HANDOVER_32: 1 << 2,
  XLF_EFI_HANDOVER_64: 1 << 3,
  XLF_EFI_KEXEC: 1 << 4,
  XLF_5LEVEL: 1 << 5,
  XLF_5LEVEL_ENABLED: 1 << 6,
  XLF_MEM_ENCRYPTION: 1 << 7,
} as const;

/** Names of the bits that are set; bits without a name come out as `bit N`. */
export function flagNames(flags: Readonly<Record<string, number>>, value: number): string[] {
  const names = new Map(Object.entries(flags).map(([name, bit]) => [bit, name]));
  const set: string[] = [];
  for (let bit = 0; bit < 16; bit++) {
    if (value & (1 << bit)) set.push(names.get(1 << bit) ?? `bit ${bit}`);
  }
  return set;
}
