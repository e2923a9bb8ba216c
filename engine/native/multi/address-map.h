/* SPDX-License-Identifier: MIT */
/*
 * From addresses in the base to addresses in the flavour that is rebuilt.
 *
 * Addresses are the low 32 bits of virtual addresses, and all arithmetic on
 * them is modulo 2^32: a kernel's segments lie within 2 GB. Breakpoints are in
 * the order of these addresses with the highest bit turned over, which puts
 * per-CPU addresses, from 0 on, behind the kernel's.
 */
#ifndef ADDRESS_MAP_H
#define ADDRESS_MAP_H

#include "port.h"

enum {
	MAP_BLOCK_BITS = 9,
	MAP_BLOCKS = 1 << 16,
};

struct breakpoint {
	u32 at, shift;
};

struct address_map {
	struct breakpoint *points;	/* ascending; points[0].at is 0 */
	u32 count;
	u32 first;	/* where the blocks begin */
	u32 *blocks;	/* for each, the last breakpoint not behind its beginning */
};

static inline u32 ordered(u32 address)
{
	return address ^ 0x80000000;
}

/* The last breakpoint that is not behind, by bisection. */
static inline u32 map_search(const struct address_map *map, u32 at)
{
	u32 low = 0, high = map->count, middle;

	while (high - low > 1) {
		middle = (low + high) / 2;
		if (map->points[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Where the thing at a base address lies in the flavour. */
static inline u32 map_address(const struct address_map *map, u32 address)
{
	u32 at = ordered(address), block = (at - map->first) >> MAP_BLOCK_BITS, i;

	if (block >= MAP_BLOCKS)
		return address + map->points[map_search(map, at)].shift;
	for (i = map->blocks[block]; i + 1 < map->count && map->points[i + 1].at <= at; i++)
		;
	return address + map->points[i].shift;
}

#endif
