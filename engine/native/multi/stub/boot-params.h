/* SPDX-License-Identifier: MIT */
/*
 * struct boot_params, the "zero page", by offset: what of it the stub reads.
 * It is read only: the kernel gets it as the loader left it.
 * Documentation/x86/zero-page.rst and boot.rst.
 */
#ifndef BOOT_PARAMS_H
#define BOOT_PARAMS_H

#define BOOT_PARAMS_SIZE 4096

/* screen_info */
#define BP_CURSOR_X 0x000
#define BP_CURSOR_Y 0x001
#define BP_EXT_MEM_K 0x002
#define BP_VIDEO_MODE 0x006
#define BP_VIDEO_COLUMNS 0x007
#define BP_VIDEO_LINES 0x00e
#define BP_VIDEO_TYPE 0x00f

#define BP_EXT_RAMDISK_IMAGE 0x0c0
#define BP_EXT_RAMDISK_SIZE 0x0c4
#define BP_EXT_CMD_LINE 0x0c8
#define BP_EFI_MEMMAP 0x1d0
#define BP_EFI_MEMMAP_SIZE 0x1d4
#define BP_EFI_MEMMAP_HIGH 0x1dc
#define BP_ALT_MEM_K 0x1e0
#define BP_SCRATCH 0x1e4
#define BP_E820_ENTRIES 0x1e8
#define BP_RAMDISK_IMAGE 0x218
#define BP_RAMDISK_SIZE 0x21c
#define BP_CMD_LINE 0x228
#define BP_SETUP_DATA 0x250
#define BP_E820_TABLE 0x2d0

/* of x86: the kernel reads no further than this */
#define COMMAND_LINE_SIZE 2048

#define E820_ENTRY_SIZE 20
#define E820_MOST_ENTRIES 128
#define E820_RAM 1

/* struct setup_data: next, type, length, then its data */
#define SETUP_DATA_TYPE 8
#define SETUP_DATA_LENGTH 12
#define SETUP_DATA_HEADER 16
/* its data, when it is a struct setup_indirect: type, reserved, length, address */
#define SETUP_INDIRECT_TYPE 0x80000000u
#define SETUP_INDIRECT_LENGTH 8
#define SETUP_INDIRECT_ADDRESS 16
#define SETUP_INDIRECT_SIZE 24

#endif
