/* SPDX-License-Identifier: MIT */
/*
 * The stages of recipe_apply() and what they share. docs/multi-image.md has the
 * format; the files of engine/recipe/ are the twins.
 */
#ifndef RECIPE_PARTS_H
#define RECIPE_PARTS_H

#include "address-map.h"
#include "huffman.h"
#include "range-decoder.h"
#include "recipe.h"

enum {
	MOST_RANGES = 16,
};

/* A part of a file. */
struct file_range {
	u32 offset, size;
};

/* Addresses from start on. */
struct address_range {
	u32 start, size;
};

struct loaded_range {
	u32 offset, size, address;
};

struct orc_table {
	u32 count, ip, entries;
};

/* In the order of the stream. */
enum relocation_kind {
	ABSOLUTE64,
	INVERSE32,
	ABSOLUTE32,
	RELOCATION_KINDS
};

struct image_layout {
	u32 size, elf_end;
	u32 loaded_count;
	struct loaded_range loaded[MOST_RANGES];
	struct file_range relocations[RELOCATION_KINDS];
	struct orc_table orc;
};

/* size bytes of the base at from go to the flavour's to. */
struct copy {
	u32 to, from, size;
	u32 is_loaded;	/* both ends; else there are no addresses */
	u32 from_address, to_address;
};

/* Memory is given out from its beginning; what is not needed later is taken back. */
struct arena {
	u8 *next, *end;
};

struct rebuild {
	struct range_decoder rd;
	struct bit_reader bits;	/* the stream of prefix codes, behind the range-coded one */
	struct arena arena;
	const u8 *base;
	u8 *out;
	u32 out_size;
	struct image_layout from, to;
	u32 code_count, operand_count;
	struct file_range code[MOST_RANGES];
	struct address_range branches[MOST_RANGES], operands[MOST_RANGES];
	u32 data_field_count, copy_count;
	u32 *data_fields;	/* offsets in the base, ascending */
	struct copy *copies;	/* in the flavour's order */
	struct address_map map;
};

/* Memory for so many items, 8-byte aligned; 0 when there is not enough. */
static inline void *take(struct arena *arena, u32 count, u32 size)
{
	u64 bytes = ((u64)count * size + 7) & ~7ull;
	u8 *at = arena->next;

	if (bytes > (u64)(arena->end - at))
		return 0;
	arena->next = at + bytes;
	return at;
}

/* Models that know nothing yet. */
static inline probability *take_models(struct arena *arena, u32 count)
{
	u64 *models = take(arena, count, sizeof(probability));
	u32 i;

	/* Four at a time: what was taken is a multiple of 8 bytes. */
	for (i = 0; models && i < (count + 3) / 4; i++)
		models[i] = PROBABILITY_HALF * 0x0001000100010001ull;
	return (probability *)models;
}

static inline const struct loaded_range *loaded_at(const struct image_layout *image, u32 offset)
{
	u32 i;

	for (i = 0; i < image->loaded_count; i++)
		if (offset - image->loaded[i].offset < image->loaded[i].size)
			return &image->loaded[i];
	return 0;
}

static inline u32 rd_word(struct range_decoder *rd)
{
	u32 high = rd_direct(rd, 16);

	return high << 16 | rd_direct(rd, 16);
}

/* Each reads its stage of the stream and returns an enum multi_status. */
int read_layout(struct rebuild *r, u32 base_size);
int read_data_fields(struct rebuild *r);
int read_copies(struct rebuild *r);
int read_address_map(struct rebuild *r);
int copy_and_predict(struct rebuild *r);
int rebuild_orc(struct rebuild *r);
int rebuild_relocations(struct rebuild *r);
int read_bytes(struct rebuild *r);

#endif
