/* SPDX-License-Identifier: MIT */
/*
 * Which memory is free: RAM by the loader's e820 table, clear of everything
 * that the loader handed over and of what was taken since. All of it lies
 * between 1 MB and 4 GB, where every mode of the processor reaches it.
 */
#ifndef PLACES_H
#define PLACES_H

#include "../port.h"

#define MOST_PLACES 64
#define LOWEST_PLACE 0x100000u

struct place {
	u64 start;
	u64 end;
};

struct places {
	const u8 *boot_params;
	struct place taken[MOST_PLACES];
	u32 count;
	int overflown;	/* there was more to take than can be noted */
};

/*
 * Begins with what the loader handed over: boot_params, command line, initrd,
 * setup_data, and the memory map of EFI firmware.
 */
void places_begin(struct places *places, const u8 *boot_params);

void places_take(struct places *places, u64 start, u64 size);

/*
 * The lowest free place from `lowest` on, at a multiple of alignment, a power
 * of two. 0 when there is none.
 */
u32 places_find(const struct places *places, u32 lowest, u32 size, u32 alignment);

/* The same, and takes it. */
u32 places_find_and_take(struct places *places, u32 lowest, u32 size, u32 alignment);

#endif
