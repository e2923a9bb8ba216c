/* SPDX-License-Identifier: MIT */
/*
 * Symbols that are coded alike, in contexts that share code tables. The tables
 * are in the range-coded stream, what they code in that of bits.
 */
#ifndef CODING_H
#define CODING_H

#include "huffman.h"
#include "recipe-parts.h"

enum {
	MOST_CONTEXTS = 1024,
	MOST_TABLES = 64,
	NUMBER_SYMBOLS = 124,	/* of numbers below 2^31 */
};

struct coding {
	code_entry *tables;
	u8 table_of[MOST_CONTEXTS];
};

static inline const code_entry *coding_of(const struct coding *coding, u32 context)
{
	return coding->tables + coding->table_of[context] * CODE_TABLE;
}

/* Reads the tables for so many contexts; they are taken from the arena. */
int read_coding(struct rebuild *r, u32 contexts, u32 symbols, struct coding *coding);

#endif
