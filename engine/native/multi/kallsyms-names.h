/* SPDX-License-Identifier: MIT */
/*
 * The names of a flavour, as steps over those of the base. A cursor walks over
 * the base's names; each can be taken once, and the cursor passes over those
 * that were taken out of order. Names are packed and stay so.
 */
#ifndef KALLSYMS_NAMES_H
#define KALLSYMS_NAMES_H

#include "kallsyms-translate.h"
#include "multi.h"

/* Not taken: no index of a symbol. */
#define NAMES_FREE 0xffffffff

struct names {
	u32 base_count, count;	/* symbols of base and flavour */
	u32 fresh_count, fresh_room;
	const u8 *base;		/* image */
	const struct tokens *tokens;	/* of the flavour */
	u32 *packed;		/* where each of the base's names is packed */
	u32 *taken;		/* for each of the base its index in the flavour */
	u32 *source;		/* for each of the flavour its index in the base, or above */
	u32 *fresh;		/* the flavour's names that the base does not have */
	u32 *start;		/* where each of the flavour's names is in text */
	u32 *markers;		/* as kallsyms_markers */
	u8 *text;		/* as kallsyms_names */
	u32 text_size, text_room;
};

enum names_step {
	NAMES_COPY,		/* takes so many names at the cursor */
	NAMES_SKIP,		/* moves the cursor over so many names */
	NAMES_NEAR,		/* takes a name, so far from the cursor */
	NAMES_NEXT,		/* takes a name, so far from the one behind the last out of order */
	NAMES_FRESH,		/* a new name, packed */
	NAMES_STEP_BITS = 3,
};

struct name_models {
	probability step[1 << 2 * NAMES_STEP_BITS];	/* by the step before */
	probability run[2 * NUMBER_SIZE];
	probability distance[2 * NUMBER_SIZE];
	probability length[NUMBER_SIZE];
	probability code[BYTE_SIZE];
	probability tied[2 * NUMBER_SIZE];	/* count, distance */
};

/* Where a walk over the base's names is. */
struct names_walk {
	u32 cursor;
	u32 next;		/* behind the last name that was taken out of order */
	u32 done;		/* symbols of the flavour */
	struct translator *translator;
	struct range_decoder *rd;
	struct name_models *models;
};

/* The codes of the packed name at a place; their number goes to *length. */
static inline const u8 *names_codes(const u8 *packed, u32 *length)
{
	*length = *packed++;
	if (*length & 0x80)
		*length = (*length & 0x7f) | (u32)*packed++ << 7;
	return packed;
}

/*
 * Finds the packed names of the base from start on. n->packed has room for
 * their places and the end. Returns 0 if they are not within the image.
 */
static int names_find(struct names *n, u64 start, u32 image_size)
{
	u64 at = start;
	u32 i, length;

	for (i = 0; i < n->base_count; i++) {
		n->packed[i] = (u32)at;
		if (at + 2 > image_size)
			return 0;
		length = n->base[at++];
		if (length - 1 >= 0x7f) {
			if (!length)
				return 0;
			length = (length & 0x7f) | (u32)n->base[at++] << 7;
			if (!length)
				return 0;
		}
		at += length;
	}
	n->packed[i] = (u32)at;
	return at <= image_size;
}

/* The place of the flavour's next name; NULL if there is no room. */
static inline u8 *names_next(const struct names *n)
{
	return n->text_room - n->text_size < 1 + TRANSLATE_ROOM ? NULL : n->text + n->text_size;
}

/* Adds the name there, whose codes are one byte behind. */
static inline void names_add(struct names *n, u32 symbol, u32 index, u8 *name, u32 length)
{
	u32 at = n->text_size;

	if (symbol % MARKER_INTERVAL == 0)
		n->markers[symbol / MARKER_INTERVAL] = at;
	n->start[symbol] = at;
	n->source[symbol] = index;
	if (length & ~0x7fu) {
		memmove(name + 2, name + 1, length);
		*name++ = (u8)(length | 0x80);
		*name = (u8)(length >> 7);
		length++;
	} else {
		*name = (u8)length;
	}
	n->text_size = at + 1 + length;
}

/* Moves the cursor to a name that is free; 0 if there is none. */
static inline int names_settle(const struct names *n, struct names_walk *walk)
{
	while (walk->cursor < n->base_count && n->taken[walk->cursor] != NAMES_FREE)
		walk->cursor++;
	return walk->cursor < n->base_count;
}

/* Takes so many names at the cursor. */
static int names_copy(struct names *n, struct names_walk *walk, u32 run)
{
	const u8 *base = n->base, *codes;
	u32 done = walk->done, cursor = walk->cursor, length;
	u8 *name;

	if (run > n->count - done)
		return MULTI_RECIPE;
	for (; run; run--) {
		while (cursor < n->base_count && n->taken[cursor] != NAMES_FREE)
			cursor++;
		if (cursor >= n->base_count)
			return MULTI_RECIPE;
		name = names_next(n);
		if (!name)
			return MULTI_ROOM;
		codes = names_codes(base + n->packed[cursor], &length);
		length = translate_name(walk->translator, codes, length, name + 1);
		if (!length)
			return MULTI_RECIPE;
		n->taken[cursor] = done;
		names_add(n, done++, cursor++, name, length);
	}
	walk->done = done;
	walk->cursor = cursor;
	return MULTI_OK;
}

static int names_skip(const struct names *n, struct names_walk *walk, u32 run)
{
	for (; run; run--) {
		if (!names_settle(n, walk))
			return MULTI_RECIPE;
		walk->cursor++;
	}
	return MULTI_OK;
}

/* Takes a name out of order. */
static int names_refer(struct names *n, struct names_walk *walk, u32 index)
{
	u32 cursor = walk->cursor;
	int status;

	if (index >= n->base_count || n->taken[index] != NAMES_FREE)
		return MULTI_RECIPE;
	walk->cursor = index;
	status = names_copy(n, walk, 1);
	walk->next = walk->cursor;
	walk->cursor = cursor;
	return status;
}

static int names_add_fresh(struct names *n, struct names_walk *walk)
{
	u32 length = rd_number(walk->rd, walk->models->length), i;
	u8 *name = names_next(n), letters[PACK_LONGEST];

	if (!name)
		return MULTI_ROOM;
	if (length > PACK_LONGEST || n->fresh_count == n->fresh_room)
		return MULTI_RECIPE;
	for (i = 1; i <= length; i++)
		name[i] = (u8)rd_byte(walk->rd, walk->models->code);
	if (!tokens_unpack(n->tokens, name + 1, length, letters))
		return MULTI_RECIPE;
	n->fresh[n->fresh_count] = walk->done;
	names_add(n, walk->done++, n->base_count + n->fresh_count++, name, length);
	return MULTI_OK;
}

/* Reads which joints are tied although they do not look so. */
static int names_tie(struct translator *translator, struct range_decoder *rd,
		     struct name_models *models)
{
	u32 left = rd_number(rd, models->tied), at = 0;

	for (; left; left--) {
		at += rd_number(rd, models->tied + NUMBER_SIZE);
		if (at > 0xffff)
			return 0;
		translator->joint[at++] = JOINT_TIED;
	}
	return 1;
}

/* Reads which names the flavour has. */
static int names_decode(struct names *n, struct translator *translator,
			struct range_decoder *rd, struct name_models *models)
{
	struct names_walk walk = { .translator = translator, .rd = rd, .models = models };
	u32 step = NAMES_COPY;
	int status = MULTI_OK;

	memset(n->taken, 0xff, 4 * n->base_count);	/* NAMES_FREE */
	n->fresh_count = 0;
	n->text_size = 0;
	if (!names_tie(translator, rd, models))
		return MULTI_RECIPE;
	while (walk.done < n->count && status == MULTI_OK) {
		step = rd_tree(rd, models->step + (step << NAMES_STEP_BITS), NAMES_STEP_BITS) & 7;
		if (step == NAMES_COPY)
			status = names_copy(n, &walk, rd_number(rd, models->run) + 1);
		else if (step == NAMES_SKIP)
			status = names_skip(n, &walk, rd_number(rd, models->run + NUMBER_SIZE) + 1);
		else if (step == NAMES_NEAR)
			status = names_refer(n, &walk,
					     walk.cursor + rd_signed(rd, models->distance));
		else if (step == NAMES_NEXT)
			status = names_refer(n, &walk, walk.next + rd_signed(rd, models->distance +
									     NUMBER_SIZE));
		else if (step == NAMES_FRESH)
			status = names_add_fresh(n, &walk);
		else
			status = MULTI_RECIPE;
	}
	return status;
}

#endif
