/* SPDX-License-Identifier: MIT */
#include "coding.h"

/* As engine/recipe/fields.ts numbers them. */
enum field_kind {
	FIELD_ABSOLUTE32 = 1,
	FIELD_ABSOLUTE64,
	FIELD_RELATIVE,		/* of an instruction: from behind the field */
	FIELD_DATA_RELATIVE,	/* of data: from the field itself */
	FIELD_KINDS
};

/*
 * What two bytes of code can begin: a branch or an operand, with its address
 * behind one byte or behind two; or perhaps something at the second of them.
 * One look-up for two bytes: this search reads all code of a kernel.
 */
enum beginning {
	NOTHING,
	SECOND,		/* not at the first byte, perhaps at the second */
	BRANCH,		/* call, jmp */
	CONDITIONAL,	/* jcc: two bytes */
	OPERAND,	/* ModRM for [rip + disp32] */
};

enum {
	PAIRS = 1 << 16,
};

/* Fields that the map does not predict: how many are right before the next. */
struct fixes {
	struct coding gaps, amounts;
	u32 left, right;
};

struct prediction {
	struct rebuild *r;
	struct fixes fixes;
	u8 *beginnings;	/* by two bytes, the first in the lower half */
	/* Of the present copy: addresses of its first byte here and there. */
	u32 from, to;
	const u8 *source;
	u8 *target;
	/* For each list: between which two words the last copy ended. */
	struct gap {
		u32 cursor, from, to;
	} gaps[FIELD_KINDS];
};

static void next_fix(struct prediction *p)
{
	p->fixes.right = 0xffffffff;
	if (!p->fixes.left)
		return;
	p->fixes.left--;
	p->fixes.right = bits_number(&p->r->bits, coding_of(&p->fixes.gaps, 0));
}

/* Sets the field at a distance from the copy's first byte. */
static inline void predict_field(struct prediction *p, u32 inside, u32 target, enum field_kind kind)
{
	u32 mapped = map_address(&p->r->map, target);

	if (p->fixes.right-- == 0) {
		mapped += bits_signed(&p->r->bits, coding_of(&p->fixes.amounts, kind));
		next_fix(p);
	}
	if (kind == FIELD_RELATIVE)
		mapped -= p->to + inside + 4;
	else if (kind == FIELD_DATA_RELATIVE)
		mapped -= p->to + inside;
	multi_put32(p->target + inside, mapped);
}

static inline int leads_into(const struct address_range *ranges, u32 count, u32 address)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (address - ranges[i].start < ranges[i].size)
			return 1;
	return 0;
}

static enum beginning beginning_of(u32 first, u32 second)
{
	if (first == 0xe8 || first == 0xe9)
		return BRANCH;
	if (first == 0x0f && (second & 0xf0) == 0x80)
		return CONDITIONAL;
	if ((first & 0xc7) == 0x05)
		return OPERAND;
	if (second == 0xe8 || second == 0xe9 || second == 0x0f || (second & 0xc7) == 0x05)
		return SECOND;
	return NOTHING;
}

/* The next place, two bytes at a time, where something can begin; last when there is none before. */
static inline const u8 *next_beginning(const u8 *at, const u8 *last, const u8 *beginnings)
{
	for (; at + 6 < last; at += 8) {
		if (beginnings[multi_get16(at)])
			return at;
		if (beginnings[multi_get16(at + 2)])
			return at + 2;
		if (beginnings[multi_get16(at + 4)])
			return at + 4;
		if (beginnings[multi_get16(at + 6)])
			return at + 6;
	}
	while (at < last && !beginnings[multi_get16(at)])
		at += 2;
	return at < last ? at : last;
}

/* PC-relative fields of code, from the distance start to the distance end. */
static void predict_code(struct prediction *p, u32 start, u32 end)
{
	const struct rebuild *r = p->r;
	const u8 *at = p->source + start, *last, *field;
	u32 target, inside;
	enum beginning beginning;

	if (end - start < 5)
		return;
	/* Behind the last byte that can begin a field: four bytes follow it. */
	last = p->source + end - 4;
	for (;;) {
		at = next_beginning(at, last, p->beginnings);
		if (at >= last)
			return;
		beginning = p->beginnings[multi_get16(at)];
		if (beginning == SECOND) {
			at++;
			if (at >= last)
				return;
			beginning = p->beginnings[multi_get16(at)];
		}
		field = at + (beginning == CONDITIONAL ? 2 : 1);
		inside = (u32)(field - p->source);
		if (beginning < BRANCH || inside + 4 > end) {
			at++;
			continue;
		}
		target = p->from + inside + 4 + multi_get32(field);
		if (beginning == OPERAND ? leads_into(r->operands, r->operand_count, target) :
					   leads_into(r->branches, r->code_count, target)) {
			predict_field(p, inside, target, FIELD_RELATIVE);
			at = field + 4;
		} else {
			at++;
		}
	}
}

/* The first of count ascending words at list that is not below value, from a guess on. */
static u32 first_from(const u8 *list, u32 count, u32 value, u32 guess)
{
	u32 low = 0, high = count, middle, steps;

	if (guess <= count && (!guess || multi_get32(list + 4 * (guess - 1)) < value)) {
		for (steps = 0; steps < 8; steps++, guess++)
			if (guess == count || multi_get32(list + 4 * guess) >= value)
				return guess;
		low = guess;
	}
	while (low < high) {
		middle = (low + high) / 2;
		if (multi_get32(list + 4 * middle) < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Fields that a list of ascending words names; before is the copy's first byte as the list counts. */
static void predict_listed(struct prediction *p, const u8 *list, u32 count, u32 before, u32 size,
			   enum field_kind kind)
{
	u32 width = kind == FIELD_ABSOLUTE64 ? 8 : 4, inside, value, i;
	struct gap *gap = &p->gaps[kind];

	/* Most copies are short, and there is no field in them. */
	if (before >= gap->from && before <= gap->to && size <= gap->to - before)
		return;
	for (i = first_from(list, count, before, gap->cursor); i < count; i++) {
		inside = multi_get32(list + 4 * i) - before;
		if (inside > size || size - inside < width)
			break;
		value = multi_get32(p->source + inside);
		if (kind == FIELD_DATA_RELATIVE)
			value += p->from + inside;
		predict_field(p, inside, value, kind);
	}
	gap->cursor = i;
	gap->from = i ? multi_get32(list + 4 * (i - 1)) + 1 : 0;
	gap->to = i < count ? multi_get32(list + 4 * i) : 0xffffffff;
}

static void predict_copy(struct prediction *p, const struct copy *copy)
{
	const struct rebuild *r = p->r;
	const struct file_range *list;
	u32 end = copy->from + copy->size, i;

	p->source = r->base + copy->from;
	p->target = r->out + copy->to;
	/* Apart if the recipe is sound. */
	memmove(p->target, p->source, copy->size);
	if (!copy->is_loaded)
		return;
	p->from = copy->from_address;
	p->to = copy->to_address;
	for (i = 0; i < r->code_count; i++) {
		u32 start = r->code[i].offset, stop = start + r->code[i].size;

		start = start > copy->from ? start : copy->from;
		stop = stop < end ? stop : end;
		if (start < stop)
			predict_code(p, start - copy->from, stop - copy->from);
	}
	list = &r->from.relocations[ABSOLUTE64];
	predict_listed(p, r->base + list->offset, list->size / 4, p->from, copy->size,
		       FIELD_ABSOLUTE64);
	list = &r->from.relocations[ABSOLUTE32];
	predict_listed(p, r->base + list->offset, list->size / 4, p->from, copy->size,
		       FIELD_ABSOLUTE32);
	predict_listed(p, (const u8 *)r->data_fields, r->data_field_count, copy->from, copy->size,
		       FIELD_DATA_RELATIVE);
}

int copy_and_predict(struct rebuild *r)
{
	struct arena mark = r->arena;
	struct prediction *p = take(&r->arena, 1, sizeof(*p));
	u8 *beginnings = take(&r->arena, PAIRS, 1);
	int status;
	u32 i;

	if (!p || !beginnings)
		return MULTI_ROOM;
	memset(p, 0, sizeof(*p));
	p->r = r;
	p->beginnings = beginnings;
	for (i = 0; i < PAIRS; i++)
		beginnings[i] = (u8)beginning_of(i & 0xff, i >> 8);
	p->fixes.left = rd_word(&r->rd);
	status = read_coding(r, 1, NUMBER_SYMBOLS, &p->fixes.gaps);
	if (status == MULTI_OK)
		status = read_coding(r, FIELD_KINDS, NUMBER_SYMBOLS, &p->fixes.amounts);
	if (status != MULTI_OK)
		return status;
	next_fix(p);
	for (i = 0; i < r->copy_count; i++)
		predict_copy(p, &r->copies[i]);
	r->arena = mark;
	return MULTI_OK;
}
