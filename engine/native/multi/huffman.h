/* SPDX-License-Identifier: MIT */
/*
 * Prefix codes, canonical as in RFC 1951, least significant bit first. Their
 * lengths are in the range-coded stream, what they code in a stream of its own.
 */
#ifndef HUFFMAN_H
#define HUFFMAN_H

#include "range-decoder.h"

enum {
	LONGEST_CODE = 11,
	CODE_TABLE = 1 << LONGEST_CODE,		/* entries of a table */
	ALPHABET = 256,
	LENGTH_MODEL = (LONGEST_CODE + 1) * 16,	/* probabilities of code lengths */
};

/* A symbol, and the length of its code times 256. */
typedef u16 code_entry;

struct bit_reader {
	const u8 *next, *end;
	u64 bits;	/* the next ones, the first lowest */
	u32 count;	/* how many of them are known */
	u32 overrun;	/* how many of their bytes are made up */
};

void bits_start(struct bit_reader *br, const u8 *from, const u8 *end);

/* Makes at least 32 bits known; zeros behind the end. */
void bits_refill(struct bit_reader *br);

static inline u32 bits_symbol(struct bit_reader *br, const code_entry *table)
{
	u32 entry;

	if (br->count < 32)
		bits_refill(br);
	entry = table[br->bits & (CODE_TABLE - 1)];
	br->bits >>= entry >> 8;
	br->count -= entry >> 8;
	return entry & 0xff;
}

/* Were bits read behind the end? */
static inline int bits_overrun(const struct bit_reader *br)
{
	return 8 * br->overrun > br->count;
}

/* A number: below 16 a symbol, else its length and the two bits below its leading one, and plain bits. */
u32 bits_number(struct bit_reader *br, const code_entry *table);

/* A number with its sign: 0, -1, 1, -2, 2 ... modulo 2^32. */
static inline u32 bits_signed(struct bit_reader *br, const code_entry *table)
{
	u32 v = bits_number(br, table);

	return v >> 1 ^ (0 - (v & 1));
}

/*
 * Reads a table's code lengths, each in the context of that in lengths, which
 * becomes it, and fills the table. Returns 0 for lengths that no code has.
 */
int read_code_table(struct range_decoder *rd, probability *models, u8 *lengths, u32 symbols,
		    code_entry *table);

#endif
