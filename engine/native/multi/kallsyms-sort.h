/* SPDX-License-Identifier: MIT */
/*
 * Symbols sorted by name, as compare_names() of scripts/kallsyms.c does: types
 * do not count, and equal names keep their order. The base's names are sorted
 * there already, so only fresh ones are, and then merged in.
 */
#ifndef KALLSYMS_SORT_H
#define KALLSYMS_SORT_H

#include "kallsyms-names.h"

/* A name while it is unpacked letter by letter. */
struct letters {
	const u8 *codes, *codes_end;
	const u8 *next, *end;	/* of the code before */
};

static void letters_start(const struct names *n, u32 symbol, struct letters *l)
{
	u32 length;

	l->codes = names_codes(n->text + n->start[symbol], &length);
	l->codes_end = l->codes + length;
	l->next = l->end = l->codes;
}

/* The next letter plus one, 0 behind the last. */
static u32 letters_next(const struct tokens *tokens, struct letters *l)
{
	while (l->next == l->end) {
		if (l->codes == l->codes_end)
			return 0;
		l->next = tokens->text + tokens->start[*l->codes];
		l->end = l->next + tokens->length[*l->codes++];
	}
	return *l->next++ + 1u;
}

/* Is symbol a to be before b? */
static int names_before(const struct names *n, u32 a, u32 b)
{
	struct letters letters[2];
	u32 x, y;

	letters_start(n, a, &letters[0]);
	letters_start(n, b, &letters[1]);
	letters_next(n->tokens, &letters[0]);
	letters_next(n->tokens, &letters[1]);
	do {
		x = letters_next(n->tokens, &letters[0]);
		y = letters_next(n->tokens, &letters[1]);
	} while (x == y && x);
	return x == y ? a < b : x < y;
}

static void names_merge(const struct names *n, const u32 *a, const u32 *a_end, const u32 *b,
			const u32 *b_end, u32 *out)
{
	while (a < a_end && b < b_end)
		*out++ = names_before(n, *a, *b) ? *a++ : *b++;
	while (a < a_end)
		*out++ = *a++;
	while (b < b_end)
		*out++ = *b++;
}

/* Merge sort of a list; other is as large. */
static void names_sort_list(const struct names *n, u32 *start, u32 count, u32 *other)
{
	u32 *list = start, *swap, width, low, middle, high;

	for (width = 1; width < count; width *= 2) {
		for (low = 0; low < count; low = high) {
			middle = width < count - low ? low + width : count;
			high = width < count - middle ? middle + width : count;
			names_merge(n, list + low, list + middle, list + middle, list + high,
				    other + low);
		}
		swap = list;
		list = other;
		other = swap;
	}
	if (list != start)
		memcpy(start, list, 4 * count);
}

/* Sorts all symbols into order, without help; n->fresh is large enough to help. */
static void names_sort_all(const struct names *n, u32 *order)
{
	u32 i;

	for (i = 0; i < n->count; i++)
		order[i] = i;
	names_sort_list(n, order, n->count, n->fresh);
}

/* How many of the sorted symbols are before another. */
static u32 names_search(const struct names *n, const u32 *order, u32 count, u32 symbol)
{
	u32 low = 0, middle;

	while (low < count) {
		middle = (low + count) / 2;
		if (names_before(n, order[middle], symbol))
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/*
 * Sorts all symbols into order: those of the base as its sequence numbers have
 * them, then the fresh ones are inserted, the last first so that everything
 * moves but once. Returns 0 if the numbers make no sense.
 */
static int names_sort(const struct names *n, const u8 *sequences, u32 *order)
{
	u32 copied = n->count - n->fresh_count, sorted = 0, left = n->fresh_count, index, i, at;

	names_sort_list(n, n->fresh, left, order);
	for (i = 0; i < n->base_count; i++, sequences += SEQUENCE_SIZE) {
		index = (u32)sequences[0] << 16 | sequences[1] << 8 | sequences[2];
		if (index >= n->base_count)
			return 0;
		if (n->taken[index] == NAMES_FREE)
			continue;
		if (sorted == copied)
			return 0;
		order[sorted++] = n->taken[index];
	}
	if (sorted != copied)
		return 0;
	while (left--) {
		at = names_search(n, order, sorted, n->fresh[left]);
		memmove(order + at + left + 1, order + at, 4 * (sorted - at));
		order[at + left] = n->fresh[left];
		sorted = at;
	}
	return 1;
}

#endif
