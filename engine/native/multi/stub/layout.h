/* SPDX-License-Identifier: MIT */
/*
 * What the stub knows of the file it is part of. The stub is compiled once for
 * a codec; whoever makes a file writes these words into its copy of the head,
 * at the symbol stub_layout (engine/merge/stub/layout.ts has the same order).
 *
 * Offsets count from the first byte of the protected-mode code, which is the
 * first byte of the head.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#ifndef __ASSEMBLER__
#include "../port.h"

struct stub_layout {
	u32 loaded_size;	/* what the loader loads: head, body, payload, directory */
	u32 body_offset;
	u32 body_size;
	u32 body_memory;	/* the same with .bss and stack */
	u32 payload_offset;	/* the base, compressed, as the setup header says */
	u32 payload_size;
	u32 directory_offset;
	u32 directory_size;	/* directory and recipes */
	u32 kernel_address;	/* physical address that every flavour is linked for */
	u32 kernel_alignment;	/* a flavour that is put elsewhere needs this, ... */
	u32 kernel_movable;	/* ... and can be put elsewhere when this is not 0 */
	u32 kernel_size;	/* memory that the largest flavour takes there */
	u32 rebuild_room;	/* memory to rebuild any flavour in, out of the unpacked base */
	u32 heap_size;		/* memory that the codec needs besides its output */
};
#endif

#define STUB_LAYOUT_SIZE (14 * 4)

#endif
