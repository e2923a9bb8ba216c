/* SPDX-License-Identifier: MIT */
#include "recipe-parts.h"
#include "kallsyms.h"

/* The names of the kernel's symbols, if the recipe rebuilds them. */
static int rebuild_names(struct rebuild *r)
{
	probability model = PROBABILITY_HALF;

	if (!rd_bit(&r->rd, &model))
		return MULTI_OK;
	return kallsyms_rebuild(&r->rd, &r->map, r->base, r->from.size, r->out, r->out_size,
				r->arena.next, (u32)(r->arena.end - r->arena.next));
}

/* What no stage writes: behind the ELF, zeros between the relocation lists. */
static void clear_tail(struct rebuild *r)
{
	memset(r->out + r->to.elf_end, 0, r->out_size - r->to.elf_end);
}

int recipe_apply(const u8 *recipe, u32 recipe_size, const u8 *base, u32 base_size, u8 *out,
		 u32 out_size, u8 *work, u32 work_size)
{
	struct rebuild *r;
	struct arena arena = { work, work + work_size };
	u32 coded = recipe_size < 4 ? 0 : multi_get32(recipe);
	int status;

	if (recipe_size < 4 || coded > recipe_size - 4)
		return MULTI_RECIPE;
	r = take(&arena, 1, sizeof(*r));
	if (!r)
		return MULTI_ROOM;
	r->arena = arena;
	r->base = base;
	r->out = out;
	r->out_size = out_size;
	rd_start(&r->rd, recipe + 4, recipe + 4 + coded);
	bits_start(&r->bits, recipe + 4 + coded, recipe + recipe_size);
	status = read_layout(r, base_size);
	if (status == MULTI_OK)
		status = read_data_fields(r);
	if (status == MULTI_OK)
		status = read_copies(r);
	if (status == MULTI_OK)
		status = read_address_map(r);
	if (status == MULTI_OK)
		status = copy_and_predict(r);
	if (status == MULTI_OK)
		status = rebuild_names(r);
	if (status == MULTI_OK)
		clear_tail(r);
	if (status == MULTI_OK)
		status = rebuild_orc(r);
	if (status == MULTI_OK)
		status = rebuild_relocations(r);
	if (status == MULTI_OK)
		status = read_bytes(r);
	return status == MULTI_OK && r->rd.overrun ? MULTI_RECIPE : status;
}
