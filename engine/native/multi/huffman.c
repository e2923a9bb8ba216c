/* SPDX-License-Identifier: MIT */
#include "huffman.h"

void bits_start(struct bit_reader *br, const u8 *from, const u8 *end)
{
	br->next = from;
	br->end = end;
	br->bits = 0;
	br->count = 0;
	br->overrun = 0;
}

void bits_refill(struct bit_reader *br)
{
	if (br->end - br->next >= 8) {
		br->bits |= multi_get64(br->next) << br->count;
		br->next += (63 - br->count) >> 3;
		br->count |= 56;
		return;
	}
	for (; br->count <= 56; br->count += 8) {
		if (br->next < br->end)
			br->bits |= (u64)*br->next++ << br->count;
		else
			br->overrun++;
	}
	/* Bytes may be made known that are not asked for: as many as fit. */
	if (br->overrun > 8)
		br->overrun = 9;
}

u32 bits_number(struct bit_reader *br, const code_entry *table)
{
	u32 symbol = bits_symbol(br, table), plain = ((symbol - 16) >> 2) + 2, value;

	if (symbol < 16)
		return symbol;
	plain &= 31;
	if (br->count < 32)
		bits_refill(br);
	value = (4 + (symbol & 3)) << plain | (u32)(br->bits & ((1ull << plain) - 1));
	br->bits >>= plain;
	br->count -= plain;
	return value;
}

int read_code_table(struct range_decoder *rd, probability *models, u8 *lengths, u32 symbols,
		    code_entry *table)
{
	u32 counts[16] = { 0 }, next[16], code = 0, length, symbol, at, i;

	for (symbol = 0; symbol < symbols; symbol++) {
		length = rd_tree(rd, models + 16 * lengths[symbol], 4) & 15;
		if (length > LONGEST_CODE)
			return 0;
		lengths[symbol] = (u8)length;
		counts[length]++;
	}
	for (length = 1; length <= LONGEST_CODE; length++) {
		next[length] = code;
		code = (code + counts[length]) << 1;
		if (code > 2u << length)
			return 0;
	}
	memset(table, 0, CODE_TABLE * sizeof(*table));
	for (symbol = 0; symbol < symbols; symbol++) {
		length = lengths[symbol];
		if (!length)
			continue;
		code = next[length]++;
		for (i = 0, at = 0; i < length; i++)
			at |= (code >> i & 1) << (length - 1 - i);
		for (; at < CODE_TABLE; at += 1u << length)
			table[at] = (code_entry)(symbol | length << 8);
	}
	return 1;
}
