/* SPDX-License-Identifier: MIT */
/*
 * Where a kernel's kallsyms tables are, as written by write_src() of
 * scripts/kallsyms.c: all places follow from a few facts, the number of
 * symbols, and the sizes of the two tables whose entries vary in length.
 */
#ifndef KALLSYMS_TABLES_H
#define KALLSYMS_TABLES_H

#include "port.h"

enum {
	MARKER_INTERVAL = 256,	/* names between two markers */
	TOKEN_INDEX_SIZE = 512,
	SEQUENCE_SIZE = 3,
	MOST_SYMBOLS = 1 << 24,	/* sequence numbers have three bytes */
	MOST_TOKEN_TEXT = 16384,	/* strings of all tokens with their NULs; kernels have 1 KB */
};

struct kallsyms_layout {
	u32 word;		/* bytes of a long: the tables are aligned to it */
	u32 names_first;	/* Linux 6.4: offsets, base and sequences are behind the names */
	u32 sequenced;		/* is there kallsyms_seqs_of_names? */
	u32 absolute_percpu;	/* CONFIG_KALLSYMS_ABSOLUTE_PERCPU */
	u32 num_syms;		/* the place of kallsyms_num_syms, below 2^31 */
};

/* Offsets from the image's first byte; one before it is a very large number. */
struct kallsyms_places {
	u64 names, markers, sequences, token_table, token_index, offsets, relative_base;
};

static inline u64 kallsyms_align(u64 at, u32 word)
{
	return (at + word - 1) & ~(u64)(word - 1);
}

static inline u64 kallsyms_markers_size(u32 count)
{
	return 4 * (u64)((count + MARKER_INTERVAL - 1) / MARKER_INTERVAL);
}

static inline int kallsyms_within(u64 at, u64 length, u32 size)
{
	return at <= size && length <= size - at;
}

/* Computes the places; returns 0 if a table is not within the image. */
static int kallsyms_place(struct kallsyms_places *places, const struct kallsyms_layout *layout,
			  u32 count, u32 names_size, u32 token_text, u32 image_size)
{
	u32 word = layout->word;
	u64 at;

	places->names = (u64)layout->num_syms + word;
	places->markers = kallsyms_align(places->names + names_size, word);
	at = places->markers + kallsyms_markers_size(count);
	if (layout->sequenced && !layout->names_first) {
		places->sequences = kallsyms_align(at, word);
		at = places->sequences + SEQUENCE_SIZE * (u64)count;
	}
	places->token_table = kallsyms_align(at, word);
	places->token_index = kallsyms_align(places->token_table + token_text, word);
	if (layout->names_first) {
		places->offsets = kallsyms_align(places->token_index + TOKEN_INDEX_SIZE, word);
		places->relative_base = kallsyms_align(places->offsets + 4 * (u64)count, word);
	} else {
		places->relative_base = (u64)layout->num_syms - word;
		places->offsets = places->relative_base - kallsyms_align(4 * (u64)count, word);
	}
	if (!layout->sequenced)
		places->sequences = places->token_table;
	else if (layout->names_first)
		places->sequences = places->relative_base + word;
	return kallsyms_within(places->token_index, TOKEN_INDEX_SIZE, image_size) &&
	       kallsyms_within(places->offsets, 4 * (u64)count, image_size) &&
	       kallsyms_within(places->relative_base, word, image_size) &&
	       (!layout->sequenced ||
		kallsyms_within(places->sequences, SEQUENCE_SIZE * (u64)count, image_size));
}

/* kallsyms_sym_address() of kernel/kallsyms.c and its inverse, on low 32 bits. */
static inline u32 kallsyms_address(const struct kallsyms_layout *layout, u32 relative_base,
				   u32 offset)
{
	if (!layout->absolute_percpu)
		return relative_base + offset;
	return offset >> 31 ? relative_base - 1 - offset : offset;
}

static inline u32 kallsyms_offset(const struct kallsyms_layout *layout, u32 relative_base,
				  u32 address)
{
	if (!layout->absolute_percpu)
		return address - relative_base;
	return address < relative_base ? address : relative_base - 1 - address;
}

#endif
