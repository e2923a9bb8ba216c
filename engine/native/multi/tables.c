/* SPDX-License-Identifier: MIT */
#include "coding.h"

/*
 * Tables of addresses in order, which move as the copies move what they point
 * at: the relocation lists, and ORC's with 6 bytes to each address. The stream
 * has only the edits to what so follows.
 */
enum {
	INSERT,
	REMOVE,
	CHANGE,
	EDIT_KINDS,
	MOST_ALIKE = 2,		/* rows with one address */
	ORC_ENTRY = 6,
	PAIRS_OF_BYTES = ORC_ENTRY / 2,
	PAIR_CONTEXTS = 512,
};

/* How edits are coded; masks and pairs are of ORC's payloads only. */
struct row_codings {
	struct coding kept, kinds, gaps, removals, masks, pairs[PAIRS_OF_BYTES];
};

struct table {
	struct rebuild *r;
	u32 is_orc;
	/* The base's rows: a list of words, and for ORC the bytes beside them. */
	const u8 *words, *payloads;
	u32 word_address;	/* for ORC: of the first word, from which they count */
	u32 count;
	/* The flavour's rows. */
	u8 *out_words, *out_payloads;
	u32 out_address, out_count, written;
	u32 last;	/* the address of the row written last */
	u8 payload[ORC_ENTRY];	/* and its payload */
	/* Edits. */
	struct row_codings *codings;
	u32 edits, kept;
	u32 removing;	/* so many of the next rows */
	u32 cursor;	/* the base's row behind the last copy's */
	u32 gap_from, gap_to;	/* no row points between these */
};

static u32 row_address(const struct table *t, u32 i)
{
	u32 word = multi_get32(t->words + 4 * i);

	return t->is_orc ? t->word_address + 4 * i + word : word;
}

static void next_edit(struct table *t)
{
	t->kept = 0xffffffff;
	if (t->edits)
		t->kept = bits_number(&t->r->bits, coding_of(&t->codings->kept, 0));
}

/* Rows of the base whose addresses move by shift, from the one at index on. */
static int put_rows(struct table *t, u32 index, u32 count, u32 shift)
{
	const u8 *from = t->words + 4 * index;
	u8 *to = t->out_words + 4 * t->written;
	u32 i;

	if (count > t->out_count - t->written)
		return 0;
	if (!count)
		return 1;
	t->last = row_address(t, index + count - 1) + shift;
	if (t->is_orc) {
		/* Words count from their own places, which all move alike. */
		shift += t->word_address + 4 * index - t->out_address - 4 * t->written;
		memcpy(t->out_payloads + ORC_ENTRY * t->written, t->payloads + ORC_ENTRY * index,
		       ORC_ENTRY * count);
		memcpy(t->payload, t->payloads + ORC_ENTRY * (index + count - 1), ORC_ENTRY);
	}
	for (i = 0; i < count; i++)
		multi_put32(to + 4 * i, multi_get32(from + 4 * i) + shift);
	t->written += count;
	return 1;
}

/*
 * Two bytes at a time: a mask tells which are as in the row before; else the
 * first is in the context of that row's, the second in that of the first.
 */
static void read_payload(struct table *t)
{
	struct bit_reader *br = &t->r->bits;
	u32 mask = bits_symbol(br, coding_of(&t->codings->masks, 0)), i;

	for (i = 0; i < PAIRS_OF_BYTES; i++) {
		const struct coding *coding = &t->codings->pairs[i];
		u8 *pair = t->payload + 2 * i;

		if (mask >> i & 1)
			continue;
		pair[0] = (u8)bits_symbol(br, coding_of(coding, pair[0]));
		pair[1] = (u8)bits_symbol(br, coding_of(coding, 256 + pair[0]));
	}
}

static int put_new_row(struct table *t, u32 address)
{
	u32 at = t->written;

	if (at == t->out_count)
		return 0;
	t->written++;
	t->last = address;
	if (!t->is_orc) {
		multi_put32(t->out_words + 4 * at, address);
		return 1;
	}
	read_payload(t);
	memcpy(t->out_payloads + ORC_ENTRY * at, t->payload, ORC_ENTRY);
	multi_put32(t->out_words + 4 * at, address - t->out_address - 4 * at);
	return 1;
}

/*
 * Does the edits in front of a carried row; *used tells that one of them took it.
 * Behind the last row there are only insertions.
 */
static int do_edits(struct table *t, u32 has_row, u32 address, u32 *used)
{
	u32 kind;

	*used = 0;
	while (!*used && t->edits && t->kept == 0 && !t->removing) {
		kind = bits_symbol(&t->r->bits, coding_of(&t->codings->kinds, 0));
		t->edits--;
		if (kind == INSERT) {
			u32 gap = bits_signed(&t->r->bits, coding_of(&t->codings->gaps, 0));

			if (!put_new_row(t, t->last + gap))
				return 0;
		} else if (!has_row) {
			return 0;
		} else if (kind == REMOVE) {
			t->removing = bits_number(&t->r->bits, coding_of(&t->codings->removals, 0)) + 1;
		} else {
			*used = 1;
			if (!put_new_row(t, address))
				return 0;
		}
		next_edit(t);
	}
	return 1;
}

/* The first row from low on whose address is not below: steps that double, then bisection. */
static u32 first_row(const struct table *t, u64 address, u32 low)
{
	u32 step = 1, high = low, middle;

	while (high < t->count && row_address(t, high) < address) {
		low = high + 1;
		high = t->count - high > step ? high + step : t->count;
		step *= 2;
	}
	while (low < high) {
		middle = (low + high) / 2;
		if (row_address(t, middle) < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int carry_copy(struct table *t, const struct copy *copy)
{
	u32 from = copy->from_address, shift = copy->to_address - from, row, end, count, used;

	if (!copy->is_loaded)
		return 1;
	/* Most copies are short, and no row points at them. */
	if (from >= t->gap_from && from <= t->gap_to && copy->size <= t->gap_to - from)
		return 1;
	/* Most others go on where the last one ended. */
	row = t->cursor && row_address(t, t->cursor - 1) >= from ? 0 : t->cursor;
	row = first_row(t, from, row);
	end = first_row(t, (u64)from + copy->size, row);
	if (end - row > (u64)MOST_ALIKE * copy->size)
		return 0;
	t->cursor = end;
	t->gap_from = end ? row_address(t, end - 1) + 1 : 0;
	t->gap_to = end < t->count ? row_address(t, end) : 0xffffffff;
	while (row < end) {
		if (t->removing) {
			count = t->removing < end - row ? t->removing : end - row;
			t->removing -= count;
			row += count;
			continue;
		}
		if (!do_edits(t, 1, row_address(t, row) + shift, &used))
			return 0;
		row += used;
		if (t->removing)
			continue;
		count = t->kept < end - row ? t->kept : end - row;
		if (!put_rows(t, row, count, shift))
			return 0;
		row += count;
		if (t->kept != 0xffffffff)
			t->kept -= count;
	}
	return 1;
}

static int read_row_codings(struct rebuild *r, u32 is_orc, struct row_codings *codings)
{
	int status = read_coding(r, 1, NUMBER_SYMBOLS, &codings->kept);
	u32 i;

	if (status == MULTI_OK)
		status = read_coding(r, 1, EDIT_KINDS, &codings->kinds);
	if (status == MULTI_OK)
		status = read_coding(r, 1, NUMBER_SYMBOLS, &codings->gaps);
	if (status == MULTI_OK)
		status = read_coding(r, 1, NUMBER_SYMBOLS, &codings->removals);
	if (!is_orc)
		return status;
	if (status == MULTI_OK)
		status = read_coding(r, 1, 1 << PAIRS_OF_BYTES, &codings->masks);
	for (i = 0; i < PAIRS_OF_BYTES && status == MULTI_OK; i++)
		status = read_coding(r, PAIR_CONTEXTS, ALPHABET, &codings->pairs[i]);
	return status;
}

/* t->edits is read before the codings, which tables may share. */
static int rebuild_table(struct table *t)
{
	struct rebuild *r = t->r;
	u32 used, i;

	t->last = r->to.loaded_count ? r->to.loaded[0].address : 0;
	next_edit(t);
	for (i = 0; i < r->copy_count; i++)
		if (!carry_copy(t, &r->copies[i]))
			return MULTI_RECIPE;
	if (!do_edits(t, 0, 0, &used) || t->edits || t->removing || t->written != t->out_count)
		return MULTI_RECIPE;
	return MULTI_OK;
}

int rebuild_orc(struct rebuild *r)
{
	const struct orc_table *from = &r->from.orc, *to = &r->to.orc;
	const struct loaded_range *source, *target;
	struct table t = { .r = r, .is_orc = 1 };
	struct arena mark = r->arena;
	int status;

	if (!from->count || !to->count)
		return MULTI_OK;
	source = loaded_at(&r->from, from->ip);
	target = loaded_at(&r->to, to->ip);
	if (!source || !target)
		return MULTI_RECIPE;
	t.words = r->base + from->ip;
	t.payloads = r->base + from->entries;
	t.word_address = source->address + (from->ip - source->offset);
	t.count = from->count;
	t.out_words = r->out + to->ip;
	t.out_payloads = r->out + to->entries;
	t.out_address = target->address + (to->ip - target->offset);
	t.out_count = to->count;
	t.edits = rd_word(&r->rd);
	t.codings = take(&r->arena, 1, sizeof(*t.codings));
	if (!t.codings)
		return MULTI_ROOM;
	status = read_row_codings(r, 1, t.codings);
	if (status == MULTI_OK)
		status = rebuild_table(&t);
	r->arena = mark;
	return status;
}

int rebuild_relocations(struct rebuild *r)
{
	struct arena mark = r->arena;
	struct row_codings *codings = take(&r->arena, 1, sizeof(*codings));
	u32 edits[RELOCATION_KINDS], kind;
	int status;

	if (!codings)
		return MULTI_ROOM;
	for (kind = 0; kind < RELOCATION_KINDS; kind++)
		edits[kind] = rd_word(&r->rd);
	status = read_row_codings(r, 0, codings);
	for (kind = 0; kind < RELOCATION_KINDS && status == MULTI_OK; kind++) {
		const struct file_range *from = &r->from.relocations[kind];
		const struct file_range *to = &r->to.relocations[kind];
		struct table t = { .r = r, .codings = codings, .edits = edits[kind] };

		t.words = r->base + from->offset;
		t.count = from->size / 4;
		t.out_words = r->out + to->offset;
		t.out_count = to->size / 4;
		status = rebuild_table(&t);
	}
	r->arena = mark;
	return status;
}
