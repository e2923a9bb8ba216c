/* SPDX-License-Identifier: MIT */
#include "coding.h"

enum {
	INSERTED_CONTEXTS = MOST_CONTEXTS,
	WRONG_CONTEXTS = 256,
};

/* Where copied bytes are wrong: how many are right before the next run, and its length. */
struct runs {
	const code_entry *rights, *sizes;
	u32 left;	/* runs still to be read */
	u32 right, size;
};

static void next_run(struct bit_reader *br, struct runs *runs)
{
	runs->right = 0xffffffff;
	if (!runs->left)
		return;
	runs->left--;
	runs->right = bits_number(br, runs->rights);
	runs->size = bits_number(br, runs->sizes);
}

/* In the context of the byte before and the upper bits of the one before that. */
static void insert_bytes(struct bit_reader *br, u8 *out, const struct coding *coding, u32 from,
			 u32 to)
{
	u32 one = from > 0 ? out[from - 1] : 0, two = from > 1 ? out[from - 2] : 0, at;

	for (at = from; at < to; at++) {
		u32 byte = bits_symbol(br, coding_of(coding, 4 * one + (two >> 6)));

		out[at] = (u8)byte;
		two = one;
		one = byte;
	}
}

/* What no stage predicts: runs of wrong bytes in the copies, and the bytes between the copies. */
static int set_bytes(struct rebuild *r, struct runs *runs, const struct coding *wrong,
		     const struct coding *inserted)
{
	struct bit_reader br = r->bits;
	u32 before = 0, at, i;
	u8 *out = r->out;

	next_run(&br, runs);
	for (i = 0; i < r->copy_count; i++) {
		at = r->copies[i].to;
		insert_bytes(&br, out, inserted, before, at);
		before = at + r->copies[i].size;
		while (runs->right < before - at) {
			at += runs->right;
			runs->right = 0;
			for (; runs->size > 0 && at < before; runs->size--, at++)
				out[at] = (u8)bits_symbol(&br, coding_of(wrong, out[at]));
			if (!runs->size)
				next_run(&br, runs);
		}
		if (runs->right != 0xffffffff)
			runs->right -= before - at;
	}
	insert_bytes(&br, out, inserted, before, r->to.elf_end);
	return runs->right != 0xffffffff || bits_overrun(&br) ? MULTI_RECIPE : MULTI_OK;
}

int read_bytes(struct rebuild *r)
{
	struct arena mark = r->arena;
	struct coding *codings = take(&r->arena, 4, sizeof(*codings));
	struct runs runs;
	int status;

	if (!codings)
		return MULTI_ROOM;
	runs.left = rd_word(&r->rd);
	if (runs.left > r->to.elf_end)
		return MULTI_RECIPE;
	runs.size = 0;
	status = read_coding(r, 1, NUMBER_SYMBOLS, &codings[0]);
	if (status == MULTI_OK)
		status = read_coding(r, 1, NUMBER_SYMBOLS, &codings[1]);
	if (status == MULTI_OK)
		status = read_coding(r, WRONG_CONTEXTS, ALPHABET, &codings[2]);
	if (status == MULTI_OK)
		status = read_coding(r, INSERTED_CONTEXTS, ALPHABET, &codings[3]);
	if (status != MULTI_OK)
		return status;
	runs.rights = codings[0].tables;
	runs.sizes = codings[1].tables;
	status = set_bytes(r, &runs, &codings[2], &codings[3]);
	r->arena = mark;
	return status;
}
