/* SPDX-License-Identifier: MIT */
/*
 * The steps of the stage, in the order of the stream; engine/recipe/kallsyms/
 * is their twin.
 */
#include "kallsyms.h"
#include "kallsyms-names.h"
#include "kallsyms-sort.h"

/* An address is predicted by the symbol before it and by the map. */
enum { ADDRESS_MOST_ALIGNMENT = 4 };

enum address_correction {
	ADDRESS_ALIGNED,	/* by a multiple of the alignment that the symbol has in the base */
	ADDRESS_ANY,
	ADDRESS_WHOLE,
};

struct address_models {
	probability expected[2 * 4 * 2];
	probability mapped[1];
	probability correction[(ADDRESS_MOST_ALIGNMENT + 1) * 4];
	probability distance[2 * NUMBER_SIZE];
};

union kallsyms_models {
	struct token_models tokens;
	struct name_models names;
	struct address_models addresses;
};

/* Everything between reading and writing. It lies at the start of the work area, the arrays behind it. */
struct kallsyms_work {
	struct kallsyms_layout base_layout, layout;
	struct kallsyms_places base_places;
	u32 base_relative, relative;	/* relative bases */
	struct names names;
	u32 *address;		/* of each symbol */
	u32 *order;		/* symbols sorted by name */
	struct tokens base_tokens, tokens;
	union kallsyms_models models;
	struct packer packer;
	struct translator translator;
};

/* What the encoder counts for it. */
_Static_assert(sizeof(struct kallsyms_work) <= 0x50000, "fixedWork in engine/recipe/kallsyms/work-size.ts");

static void kallsyms_start_models(union kallsyms_models *models)
{
	probability *p = (probability *)models;
	u32 i;

	for (i = 0; i < sizeof(*models) / sizeof(*p); i++)
		p[i] = PROBABILITY_HALF;
}

static void kallsyms_read_layout(struct range_decoder *rd, struct kallsyms_layout *layout)
{
	layout->word = rd_direct(rd, 1) ? 4 : 8;
	layout->names_first = rd_direct(rd, 1);
	layout->sequenced = rd_direct(rd, 1);
	layout->absolute_percpu = rd_direct(rd, 1);
	layout->num_syms = rd_direct(rd, 31);
}

static u32 kallsyms_read_word(struct range_decoder *rd)
{
	u32 high = rd_direct(rd, 16);

	return high << 16 | rd_direct(rd, 16);
}

/* Finds the base's tables, of which only kallsyms_num_syms was checked. */
static int kallsyms_open_base(struct kallsyms_work *k, u32 base_size)
{
	const struct kallsyms_layout *layout = &k->base_layout;
	struct kallsyms_places *places = &k->base_places;
	struct names *n = &k->names;
	u32 size, token_text;

	if (!names_find(n, (u64)layout->num_syms + layout->word, base_size))
		return 0;
	size = n->packed[n->base_count] - n->packed[0];
	if (!kallsyms_place(places, layout, n->base_count, size, 0, ~0u))
		return 0;
	token_text = tokens_read(&k->base_tokens, n->base, places->token_table, base_size);
	if (!token_text ||
	    !kallsyms_place(places, layout, n->base_count, size, token_text, base_size))
		return 0;
	k->base_relative = multi_get32(n->base + places->relative_base);
	return 1;
}

static u32 address_alignment(u32 address)
{
	u32 zeros = address ? (u32)__builtin_ctz(address) : ADDRESS_MOST_ALIGNMENT;

	return zeros < ADDRESS_MOST_ALIGNMENT ? zeros : ADDRESS_MOST_ALIGNMENT;
}

static u32 address_correct(struct range_decoder *rd, struct address_models *models, u32 alignment,
			   u32 expected)
{
	u32 kind = rd_tree(rd, models->correction + 4 * alignment, 2) & 3;

	if (kind == ADDRESS_ALIGNED)
		return expected + (rd_signed(rd, models->distance) << alignment);
	if (kind == ADDRESS_ANY)
		return expected + rd_signed(rd, models->distance + NUMBER_SIZE);
	return kallsyms_read_word(rd);
}

/*
 * Symbols are expected behind one that is as long as in the base, the first
 * where the base has its own.
 */
static void kallsyms_read_addresses(struct kallsyms_work *k, struct range_decoder *rd,
				    const struct address_map *map, const u8 *base)
{
	struct address_models *models = &k->models.addresses;
	const u8 *offsets = base + k->base_places.offsets;
	u32 base_count = k->names.base_count, last = base_count, previous = 0, history = 0;
	u32 size = kallsyms_address(&k->base_layout, k->base_relative, multi_get32(offsets));
	u32 i, index, at, expected, mapped, alignment, wrong;

	for (i = 0; i < k->names.count; i++) {
		index = k->names.source[i];
		at = 0;
		if (index < base_count)
			at = kallsyms_address(&k->base_layout, k->base_relative,
					      multi_get32(offsets + 4 * index));
		alignment = address_alignment(at);
		expected = (previous + size + (1u << alignment) - 1) & ~((1u << alignment) - 1);
		mapped = index < base_count && map ? map_address(map, at) : expected;
		wrong = rd_bit(rd, models->expected + ((mapped == expected) | history << 1 |
						       (u32)(index == last + 1) << 3));
		history = (history << 1 | wrong) & 3;
		if (!wrong)
			previous = expected;
		else if (mapped != expected && !rd_bit(rd, models->mapped))
			previous = mapped;
		else
			previous = address_correct(rd, models, alignment, expected);
		k->address[i] = previous;
		last = index;
		size = 0;
		if (index + 1 < base_count)
			size = kallsyms_address(&k->base_layout, k->base_relative,
						multi_get32(offsets + 4 * (index + 1))) - at;
	}
}

/* Parts of the work area, one after the other. */
static void *kallsyms_take(u8 **work, u32 *left, u64 size)
{
	u8 *taken = *work;

	size = kallsyms_align(size, 8);
	if (size > *left)
		return NULL;
	*work += size;
	*left -= (u32)size;
	return taken;
}

static int kallsyms_take_arrays(struct kallsyms_work *k, u8 *work, u32 left)
{
	int all_sorted = k->layout.sequenced && !k->base_layout.sequenced;
	struct names *n = &k->names;

	n->packed = kallsyms_take(&work, &left, 4 * ((u64)n->base_count + 1));
	n->taken = kallsyms_take(&work, &left, 4 * (u64)n->base_count);
	n->source = kallsyms_take(&work, &left, 4 * (u64)n->count);
	n->start = kallsyms_take(&work, &left, 4 * (u64)n->count);
	n->fresh = kallsyms_take(&work, &left, 4 * (u64)(all_sorted ? n->count : n->fresh_room));
	k->address = kallsyms_take(&work, &left, 4 * (u64)n->count);
	k->order = kallsyms_take(&work, &left, 4 * (u64)n->count);
	n->markers = kallsyms_take(&work, &left, kallsyms_markers_size(n->count));
	n->text = work;
	n->text_room = left;
	return n->packed && n->taken && n->source && n->start && n->fresh && k->address &&
	       k->order && n->markers;
}

/* The first words of the stream: where the tables are, and how large. */
static int kallsyms_read_sizes(struct kallsyms_work *k, struct range_decoder *rd, u32 base_size)
{
	struct names *n = &k->names;

	kallsyms_read_layout(rd, &k->base_layout);
	kallsyms_read_layout(rd, &k->layout);
	k->relative = kallsyms_read_word(rd);
	n->count = kallsyms_read_word(rd);
	n->fresh_room = kallsyms_read_word(rd);
	if (!kallsyms_within(k->base_layout.num_syms, 4, base_size))
		return 0;
	n->base_count = multi_get32(n->base + k->base_layout.num_syms);
	return n->base_count && n->base_count < MOST_SYMBOLS && n->count &&
	       n->count < MOST_SYMBOLS && n->fresh_room <= n->count;
}

int kallsyms_read(struct range_decoder *rd, const struct address_map *map, const u8 *base,
		  u32 base_size, u8 *work, u32 work_size)
{
	struct kallsyms_work *k = (struct kallsyms_work *)work;
	int status;

	if (work_size < sizeof(*k))
		return MULTI_ROOM;
	k->names.base = base;
	if (!kallsyms_read_sizes(k, rd, base_size))
		return MULTI_RECIPE;
	if (!kallsyms_take_arrays(k, work + sizeof(*k), work_size - (u32)sizeof(*k)))
		return MULTI_ROOM;
	if (!kallsyms_open_base(k, base_size))
		return MULTI_RECIPE;
	kallsyms_start_models(&k->models);
	if (!tokens_decode(&k->tokens, &k->packer, rd, &k->models.tokens, &k->base_tokens))
		return MULTI_RECIPE;
	kallsyms_start_models(&k->models);
	translate_start(&k->translator, &k->base_tokens, &k->packer);
	k->names.tokens = &k->tokens;
	status = names_decode(&k->names, &k->translator, rd, &k->models.names);
	if (status != MULTI_OK)
		return status;
	kallsyms_start_models(&k->models);
	kallsyms_read_addresses(k, rd, map, base);
	if (!k->layout.sequenced)
		return MULTI_OK;
	if (!k->base_layout.sequenced) {
		names_sort_all(&k->names, k->order);
		return MULTI_OK;
	}
	return names_sort(&k->names, base + k->base_places.sequences, k->order) ? MULTI_OK
										 : MULTI_RECIPE;
}

static void kallsyms_write_tokens(const struct tokens *tokens, u8 *table, u8 *index)
{
	u32 code, size = 0;

	for (code = 0; code < 256; code++) {
		index[2 * code] = (u8)size;
		index[2 * code + 1] = (u8)(size >> 8);
		memcpy(table + size, tokens->text + tokens->start[code], tokens->length[code]);
		size += tokens->length[code];
		table[size++] = 0;
	}
}

static void kallsyms_write_sequences(const struct kallsyms_work *k, u8 *out)
{
	u32 i;

	for (i = 0; i < k->names.count; i++, out += SEQUENCE_SIZE) {
		out[0] = (u8)(k->order[i] >> 16);
		out[1] = (u8)(k->order[i] >> 8);
		out[2] = (u8)k->order[i];
	}
}

static void kallsyms_write_offsets(const struct kallsyms_work *k, u8 *out)
{
	u32 i;

	for (i = 0; i < k->names.count; i++)
		multi_put32(out + 4 * i,
			    kallsyms_offset(&k->layout, k->relative, k->address[i]));
}

/* Zeros between a table and the next. */
static void kallsyms_pad(const struct kallsyms_work *k, u8 *out, u64 end)
{
	for (; end & (k->layout.word - 1); end++)
		out[end] = 0;
}

int kallsyms_write(u8 *work, u8 *out, u32 out_size)
{
	struct kallsyms_work *k = (struct kallsyms_work *)work;
	const struct names *n = &k->names;
	u32 token_text = tokens_table_size(&k->tokens), i;
	struct kallsyms_places at;

	if (!kallsyms_place(&at, &k->layout, n->count, n->text_size, token_text, out_size))
		return MULTI_RECIPE;
	memcpy(out + at.names, n->text, n->text_size);
	multi_put32(out + k->layout.num_syms, n->count);
	kallsyms_pad(k, out, k->layout.num_syms + 4);
	kallsyms_pad(k, out, at.names + n->text_size);
	for (i = 0; i < (n->count + MARKER_INTERVAL - 1) / MARKER_INTERVAL; i++)
		multi_put32(out + at.markers + 4 * i, n->markers[i]);
	kallsyms_pad(k, out, at.markers + 4 * i);
	kallsyms_write_tokens(&k->tokens, out + at.token_table, out + at.token_index);
	kallsyms_pad(k, out, at.token_table + token_text);
	kallsyms_write_offsets(k, out + at.offsets);
	if (k->layout.sequenced) {
		kallsyms_write_sequences(k, out + at.sequences);
		if (!k->layout.names_first)
			kallsyms_pad(k, out, at.sequences + SEQUENCE_SIZE * (u64)n->count);
	}
	return MULTI_OK;
}

int kallsyms_rebuild(struct range_decoder *rd, const struct address_map *map, const u8 *base,
		     u32 base_size, u8 *out, u32 out_size, u8 *work, u32 work_size)
{
	int status = kallsyms_read(rd, map, base, base_size, work, work_size);

	return status == MULTI_OK ? kallsyms_write(work, out, out_size) : status;
}
