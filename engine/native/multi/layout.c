/* SPDX-License-Identifier: MIT */
#include "recipe-parts.h"

static void read_file_range(struct range_decoder *rd, struct file_range *range)
{
	range->offset = rd_word(rd);
	range->size = rd_word(rd);
}

static int is_inside(u32 size, u32 offset, u64 length)
{
	return offset <= size && length <= size - offset;
}

/* Reads an image's layout; everything in it lies within size bytes. */
static int read_image(struct range_decoder *rd, struct image_layout *image, u32 size)
{
	u32 i;
	int sound;

	image->size = rd_word(rd);
	image->elf_end = rd_word(rd);
	sound = image->size == size && image->elf_end <= size;
	image->loaded_count = rd_direct(rd, 8);
	if (image->loaded_count > MOST_RANGES)
		return 0;
	for (i = 0; i < image->loaded_count; i++) {
		image->loaded[i].offset = rd_word(rd);
		image->loaded[i].size = rd_word(rd);
		image->loaded[i].address = rd_word(rd);
		sound &= is_inside(size, image->loaded[i].offset, image->loaded[i].size);
	}
	for (i = 0; i < RELOCATION_KINDS; i++) {
		read_file_range(rd, &image->relocations[i]);
		sound &= is_inside(size, image->relocations[i].offset, image->relocations[i].size) &&
			 image->relocations[i].size % 4 == 0;
	}
	image->orc.count = rd_word(rd);
	if (image->orc.count) {
		image->orc.ip = rd_word(rd);
		image->orc.entries = rd_word(rd);
		sound &= is_inside(size, image->orc.ip, 4ull * image->orc.count) &&
			 is_inside(size, image->orc.entries, 6ull * image->orc.count);
	}
	return sound;
}

/* Code must be loaded: branches are found by its addresses. */
static int read_code(struct rebuild *r)
{
	const struct loaded_range *loaded;
	u32 i;

	r->code_count = rd_direct(&r->rd, 8);
	if (r->code_count > MOST_RANGES)
		return 0;
	for (i = 0; i < r->code_count; i++) {
		read_file_range(&r->rd, &r->code[i]);
		loaded = loaded_at(&r->from, r->code[i].offset);
		if (!loaded || !is_inside(loaded->size, r->code[i].offset - loaded->offset,
					  r->code[i].size))
			return 0;
		r->branches[i].start = loaded->address + (r->code[i].offset - loaded->offset);
		r->branches[i].size = r->code[i].size;
	}
	return 1;
}

int read_layout(struct rebuild *r, u32 base_size)
{
	u32 i;

	if (!read_image(&r->rd, &r->from, base_size) ||
	    !read_image(&r->rd, &r->to, r->out_size) || !read_code(r))
		return MULTI_RECIPE;
	r->operand_count = rd_direct(&r->rd, 8);
	if (r->operand_count > MOST_RANGES)
		return MULTI_RECIPE;
	for (i = 0; i < r->operand_count; i++) {
		r->operands[i].start = rd_word(&r->rd);
		r->operands[i].size = rd_word(&r->rd);
	}
	return MULTI_OK;
}

int read_data_fields(struct rebuild *r)
{
	u32 count = rd_word(&r->rd), at = 0, last = 4, second_last = 4, repeated = 0, gap, i;
	struct arena mark;
	probability *gaps, *repeats;

	if (count > r->from.size / 4)
		return MULTI_RECIPE;
	r->data_field_count = count;
	r->data_fields = take(&r->arena, count, sizeof(*r->data_fields));
	mark = r->arena;
	gaps = take_models(&r->arena, NUMBER_SIZE + 2);
	if (!r->data_fields || !gaps)
		return MULTI_ROOM;
	repeats = gaps + NUMBER_SIZE;
	for (i = 0; i < count; i++) {
		repeated = rd_bit(&r->rd, repeats + repeated);
		gap = repeated ? second_last : rd_number(&r->rd, gaps);
		at += gap;
		r->data_fields[i] = at;
		second_last = last;
		last = gap;
	}
	r->arena = mark;
	return MULTI_OK;
}
