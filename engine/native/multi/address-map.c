/* SPDX-License-Identifier: MIT */
#include "recipe-parts.h"

enum {
	MOST_CORRECTIONS = 1 << 20,
};

/* Sorts keys by their upper half, stable: least significant byte first. */
static void sort_keys(u64 *keys, u64 *other, u32 count)
{
	u32 counts[256], shift, sum, i;

	for (shift = 32; shift < 64; shift += 8) {
		u64 *swap = keys;

		memset(counts, 0, sizeof(counts));
		for (i = 0; i < count; i++)
			counts[keys[i] >> shift & 0xff]++;
		for (i = 0, sum = 0; i < 256; i++) {
			u32 here = counts[i];

			counts[i] = sum;
			sum += here;
		}
		for (i = 0; i < count; i++)
			other[counts[keys[i] >> shift & 0xff]++] = keys[i];
		keys = other;
		other = swap;
	}
}

/*
 * What the copies say: from the beginning of each on, its shift. Where two
 * copies of one place disagree, the longer one counts.
 */
static u32 points_of_copies(struct rebuild *r, const u64 *keys, u32 count,
			    struct breakpoint *points)
{
	u64 end = 0;
	u32 longest = 0, n = 1, i;

	points[0].at = 0;
	points[0].shift = 0;
	for (i = 0; i < count; i++) {
		const struct copy *copy = &r->copies[(u32)keys[i]];
		u64 start = keys[i] >> 32, copy_end = start + copy->size;
		u32 shift = copy->to_address - copy->from_address;

		if (start < points[n - 1].at)
			start = points[n - 1].at;
		if (start < end && copy->size <= longest) {
			if (copy_end <= end)
				continue;
			start = end;
		}
		if (points[n - 1].shift == shift) {
			end = copy_end > end ? copy_end : end;
			longest = copy->size > longest ? copy->size : longest;
			continue;
		}
		if (points[n - 1].at != (u32)start || start > 0xffffffff)
			points[n++].at = (u32)start;
		points[n - 1].shift = shift;
		end = copy_end;
		longest = copy->size;
	}
	return n;
}

/* Reads corrections and adds them; points must have room for them. */
static int add_corrections(struct rebuild *r, const struct breakpoint *own, u32 own_count,
			   struct breakpoint *points, u32 corrections)
{
	struct arena mark = r->arena;
	probability *distances = take_models(&r->arena, 2 * NUMBER_SIZE);
	u64 at = 0, next_own;
	u32 shift = 0, added = 0, i = 0, n = 0, left = corrections, distance;

	if (!distances)
		return MULTI_ROOM;
	if (left) {
		at = rd_number(&r->rd, distances);
		shift = rd_signed(&r->rd, distances + NUMBER_SIZE);
	}
	while (i < own_count || left) {
		next_own = i < own_count ? own[i].at : ~0ull;
		if (left && at > 0xffffffff)
			return MULTI_RECIPE;
		points[n].at = (u32)(left && at < next_own ? at : next_own);
		if (left && at == points[n].at) {
			added = shift;
			if (--left) {
				distance = rd_number(&r->rd, distances);
				if (!distance)
					return MULTI_RECIPE;
				at += distance;
				shift += rd_signed(&r->rd, distances + NUMBER_SIZE);
			}
		}
		if (next_own == points[n].at)
			i++;
		points[n].shift = (i ? own[i - 1].shift : 0) + added;
		n++;
	}
	r->map.points = points;
	r->map.count = n;
	r->arena = mark;
	return MULTI_OK;
}

static int index_blocks(struct rebuild *r)
{
	struct address_map *map = &r->map;
	u32 i = 0, block;

	map->first = r->from.loaded_count ? ordered(r->from.loaded[0].address) : 0;
	map->blocks = take(&r->arena, MAP_BLOCKS, sizeof(*map->blocks));
	if (!map->blocks)
		return MULTI_ROOM;
	for (block = 0; block < MAP_BLOCKS; block++) {
		u64 start = map->first + ((u64)block << MAP_BLOCK_BITS);

		while (i + 1 < map->count && map->points[i + 1].at <= start)
			i++;
		map->blocks[block] = i;
	}
	return MULTI_OK;
}

int read_address_map(struct rebuild *r)
{
	u32 corrections = rd_word(&r->rd), count = 0, own_count, i;
	struct breakpoint *points, *own;
	struct arena mark;
	u64 *keys, *other;
	int status;

	if (corrections > MOST_CORRECTIONS)
		return MULTI_RECIPE;
	points = take(&r->arena, r->copy_count + 1 + corrections, sizeof(*points));
	mark = r->arena;
	own = take(&r->arena, r->copy_count + 1, sizeof(*own));
	keys = take(&r->arena, r->copy_count, sizeof(*keys));
	other = take(&r->arena, r->copy_count, sizeof(*other));
	if (!points || !own || !keys || !other)
		return MULTI_ROOM;
	for (i = 0; i < r->copy_count; i++)
		if (r->copies[i].is_loaded)
			keys[count++] = (u64)ordered(r->copies[i].from_address) << 32 | i;
	sort_keys(keys, other, count);
	own_count = points_of_copies(r, keys, count, own);
	status = add_corrections(r, own, own_count, points, corrections);
	r->arena = mark;
	return status == MULTI_OK ? index_blocks(r) : status;
}
