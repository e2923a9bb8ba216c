/* SPDX-License-Identifier: MIT */
#include "coding.h"

/* How many tables, which one each context has (a bit: that of the one before), and the tables. */
int read_coding(struct rebuild *r, u32 contexts, u32 symbols, struct coding *coding)
{
	u32 count = rd_direct(&r->rd, 8), table = 0, i;
	u8 lengths[ALPHABET];
	probability *models;
	struct arena mark;

	if (!count || count > MOST_TABLES)
		return MULTI_RECIPE;
	coding->tables = take(&r->arena, count * CODE_TABLE, sizeof(code_entry));
	mark = r->arena;
	models = take_models(&r->arena, LENGTH_MODEL + 1 + 256);
	if (!coding->tables || !models)
		return MULTI_ROOM;
	for (i = 0; i < contexts; i++) {
		if (count > 1 && !rd_bit(&r->rd, models + LENGTH_MODEL))
			table = rd_byte(&r->rd, models + LENGTH_MODEL + 1);
		if (table >= count)
			return MULTI_RECIPE;
		coding->table_of[i] = (u8)table;
	}
	memset(lengths, 0, sizeof(lengths));
	for (i = 0; i < count; i++)
		if (!read_code_table(&r->rd, models, lengths, symbols,
				     coding->tables + i * CODE_TABLE))
			return MULTI_RECIPE;
	r->arena = mark;
	return MULTI_OK;
}
