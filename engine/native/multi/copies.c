/* SPDX-License-Identifier: MIT */
#include "coding.h"

/* Where a copy comes from: its diagonal is that of the base, less that of the flavour. */
enum copy_kind {
	SAME,		/* the diagonal of the copy before */
			/* 1 to 3: one of those used before that */
	FORWARDS = 4,	/* so much more */
	BACKWARDS,	/* so much less */
};

enum {
	MOST_COPIES = 1 << 20,
};

/* How the parts of a copy are coded: in contexts of whether bytes are inserted before it. */
struct copy_codings {
	struct coding insertions, sizes, kinds, distances;
};

/* Moves a diagonal to the front of the recent ones. */
static void use_diagonal(s32 *recent, s32 diagonal)
{
	int at = 0;

	while (at < 3 && recent[at] != diagonal)
		at++;
	for (; at > 0; at--)
		recent[at] = recent[at - 1];
	recent[0] = diagonal;
}

/* The addresses of both ends, as later stages need them. */
static void address_copy(const struct rebuild *r, struct copy *copy)
{
	const struct loaded_range *source = loaded_at(&r->from, copy->from);
	const struct loaded_range *target = loaded_at(&r->to, copy->to);

	copy->is_loaded = source && target;
	if (!copy->is_loaded)
		return;
	copy->from_address = source->address + (copy->from - source->offset);
	copy->to_address = target->address + (copy->to - target->offset);
}

static int read_copy_codings(struct rebuild *r, struct copy_codings *codings)
{
	int status = read_coding(r, 1, NUMBER_SYMBOLS, &codings->insertions);

	if (status == MULTI_OK)
		status = read_coding(r, 2, NUMBER_SYMBOLS, &codings->sizes);
	if (status == MULTI_OK)
		status = read_coding(r, 4, BACKWARDS + 1, &codings->kinds);
	if (status == MULTI_OK)
		status = read_coding(r, 4, NUMBER_SYMBOLS, &codings->distances);
	return status;
}

static int read_copy_list(struct rebuild *r, const struct copy_codings *codings)
{
	struct bit_reader *br = &r->bits;
	s32 recent[4] = { 0, 0, 0, 0 };
	u32 was_backwards = 0, i;
	s64 to = 0, from, diagonal;

	for (i = 0; i < r->copy_count; i++) {
		struct copy *copy = &r->copies[i];
		u32 inserted = bits_number(br, coding_of(&codings->insertions, 0));
		u32 after = inserted > 0;
		u32 size = bits_number(br, coding_of(&codings->sizes, after));
		u32 kind = bits_symbol(br, coding_of(&codings->kinds, 2 * after + was_backwards));

		if (kind > BACKWARDS)
			return MULTI_RECIPE;
		diagonal = recent[kind < FORWARDS ? kind : SAME];
		if (kind >= FORWARDS) {
			u32 distance;

			was_backwards = kind == BACKWARDS;
			distance = bits_number(br, coding_of(&codings->distances,
							     2 * after + was_backwards));
			diagonal += was_backwards ? -(s64)distance : (s64)distance;
		}
		to += inserted;
		from = to + diagonal;
		if (from < 0 || from + size > r->from.size || to + size > r->to.elf_end)
			return MULTI_RECIPE;
		use_diagonal(recent, (s32)diagonal);
		copy->to = (u32)to;
		copy->from = (u32)from;
		copy->size = size;
		address_copy(r, copy);
		to += size;
	}
	return MULTI_OK;
}

int read_copies(struct rebuild *r)
{
	struct copy_codings *codings;
	struct arena mark;
	int status;

	r->copy_count = rd_word(&r->rd);
	if (r->copy_count > r->to.elf_end || r->copy_count > MOST_COPIES)
		return MULTI_RECIPE;
	r->copies = take(&r->arena, r->copy_count, sizeof(*r->copies));
	mark = r->arena;
	codings = take(&r->arena, 1, sizeof(*codings));
	if (!r->copies || !codings)
		return MULTI_ROOM;
	status = read_copy_codings(r, codings);
	if (status == MULTI_OK)
		status = read_copy_list(r, codings);
	r->arena = mark;
	return status;
}
