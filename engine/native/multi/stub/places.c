/* SPDX-License-Identifier: MIT */
#include "boot-params.h"
#include "places.h"

/* More nodes of setup_data than any loader makes; ends a list that bites its tail. */
#define MOST_SETUP_DATA 24
#define FOUR_GIGABYTES 0x100000000ull

static u64 both_halves(const u8 *boot_params, u32 low, u32 high)
{
	return multi_get32(boot_params + low) | (u64)multi_get32(boot_params + high) << 32;
}

void places_take(struct places *places, u64 start, u64 size)
{
	if (size == 0)
		return;
	if (places->count == MOST_PLACES) {
		places->overflown = 1;
		return;
	}
	places->taken[places->count].start = start;
	places->taken[places->count].end = start + size;
	places->count++;
}

static void take_command_line(struct places *places)
{
	u64 at = both_halves(places->boot_params, BP_CMD_LINE, BP_EXT_CMD_LINE);

	if (at)
		places_take(places, at, COMMAND_LINE_SIZE);
}

/* The nodes lie below 4 GB, since the setup header does not say that we read more. */
static void take_setup_data(struct places *places)
{
	u64 at = multi_get64(places->boot_params + BP_SETUP_DATA);
	u32 nodes;

	for (nodes = 0; at && at < FOUR_GIGABYTES; nodes++) {
		const u8 *node = (const u8 *)(uintptr_t)at;
		const u8 *data = node + SETUP_DATA_HEADER;
		u32 length = multi_get32(node + SETUP_DATA_LENGTH);

		if (nodes == MOST_SETUP_DATA) {
			places->overflown = 1;
			return;
		}
		places_take(places, at, SETUP_DATA_HEADER + (u64)length);
		if (multi_get32(node + SETUP_DATA_TYPE) == SETUP_INDIRECT_TYPE &&
		    length >= SETUP_INDIRECT_SIZE)
			places_take(places, multi_get64(data + SETUP_INDIRECT_ADDRESS),
				    multi_get64(data + SETUP_INDIRECT_LENGTH));
		at = multi_get64(node);
	}
}

void places_begin(struct places *places, const u8 *boot_params)
{
	places->boot_params = boot_params;
	places->count = 0;
	places->overflown = 0;
	places_take(places, (uintptr_t)boot_params, BOOT_PARAMS_SIZE);
	places_take(places, both_halves(boot_params, BP_RAMDISK_IMAGE, BP_EXT_RAMDISK_IMAGE),
		    both_halves(boot_params, BP_RAMDISK_SIZE, BP_EXT_RAMDISK_SIZE));
	places_take(places, both_halves(boot_params, BP_EFI_MEMMAP, BP_EFI_MEMMAP_HIGH),
		    multi_get32(boot_params + BP_EFI_MEMMAP_SIZE));
	take_command_line(places);
	take_setup_data(places);
}

static u32 e820_entries(const u8 *boot_params)
{
	u32 entries = boot_params[BP_E820_ENTRIES];

	return entries < E820_MOST_ENTRIES ? entries : E820_MOST_ENTRIES;
}

/*
 * Reads an entry of the e820 table; says whether it is RAM. A firmware without
 * e820 tells only how much there is above 1 MB; that is then the one entry
 * (arch/x86/kernel/e820.c, e820__memory_setup_default).
 */
static int e820_entry(const u8 *boot_params, u32 index, struct place *entry)
{
	const u8 *at = boot_params + BP_E820_TABLE + index * E820_ENTRY_SIZE;

	if (e820_entries(boot_params) == 0) {
		u64 kilobytes = multi_get32(boot_params + BP_ALT_MEM_K);

		if (kilobytes < multi_get16(boot_params + BP_EXT_MEM_K))
			kilobytes = multi_get16(boot_params + BP_EXT_MEM_K);
		entry->start = LOWEST_PLACE;
		entry->end = LOWEST_PLACE + kilobytes * 1024;
		return 1;
	}
	entry->start = multi_get64(at);
	entry->end = entry->start + multi_get64(at + 8);
	return multi_get32(at + 16) == E820_RAM;
}

static u32 e820_count(const u8 *boot_params)
{
	u32 entries = e820_entries(boot_params);

	return entries ? entries : 1;
}

static int overlap(const struct place *place, u64 start, u64 end)
{
	return place->start < end && start < place->end;
}

/*
 * What stands in the way of start..end: its end, or 0 when nothing does.
 * Entries of e820 may overlap, and then the one that is not RAM holds.
 */
static u64 obstacle(const struct places *places, u64 start, u64 end)
{
	struct place entry;
	u32 i;

	for (i = 0; i < places->count; i++)
		if (overlap(&places->taken[i], start, end))
			return places->taken[i].end;
	for (i = 0; i < e820_count(places->boot_params); i++)
		if (!e820_entry(places->boot_params, i, &entry) && overlap(&entry, start, end))
			return entry.end;
	return 0;
}

static u64 lowest_in(const struct places *places, const struct place *ram, u32 lowest, u32 size,
		     u32 alignment)
{
	u64 limit = ram->end < FOUR_GIGABYTES ? ram->end : FOUR_GIGABYTES;
	u64 at = ram->start > lowest ? ram->start : lowest;
	u64 end;

	/* Every obstacle moves `at` beyond it: no more turns than there are obstacles. */
	for (;;) {
		at = (at + alignment - 1) & ~(u64)(alignment - 1);
		if (at >= limit || limit - at < size)
			return 0;
		end = obstacle(places, at, at + size);
		if (!end)
			return at;
		if (end < at)
			return 0;
		at = end;
	}
}

u32 places_find(const struct places *places, u32 lowest, u32 size, u32 alignment)
{
	struct place ram;
	u64 best = 0, at;
	u32 i;

	if (places->overflown)
		return 0;
	for (i = 0; i < e820_count(places->boot_params); i++) {
		if (!e820_entry(places->boot_params, i, &ram))
			continue;
		at = lowest_in(places, &ram, lowest, size, alignment);
		if (at && (!best || at < best))
			best = at;
	}
	return (u32)best;
}

u32 places_find_and_take(struct places *places, u32 lowest, u32 size, u32 alignment)
{
	u32 at = places_find(places, lowest, size, alignment);

	if (at)
		places_take(places, at, size);
	return at;
}
