/* SPDX-License-Identifier: MIT */
#include "range-decoder.h"

/*
 * One copy of each: inlined into every stage they would make up half of the
 * code, all of which is stored in every multi-image.
 */
#define OUT_OF_LINE __attribute__((__noinline__))

static inline u32 next_byte(struct range_decoder *rd)
{
	if (rd->next < rd->end)
		return *rd->next++;
	rd->overrun = 1;
	return 0;
}

void rd_start(struct range_decoder *rd, const u8 *from, const u8 *end)
{
	int i;

	rd->next = from;
	rd->end = end;
	rd->range = 0xffffffff;
	rd->code = 0;
	rd->overrun = 0;
	for (i = 0; i < 4; i++)
		rd->code = rd->code << 8 | next_byte(rd);
}

/* A zero when the code is below the part of the range that zeros have. */
OUT_OF_LINE u32 rd_tree(struct range_decoder *rd, probability *tree, u32 bits)
{
	u32 range = rd->range, code = rd->code, node = 1;

	for (; bits > 0; bits--) {
		u32 p = tree[node], bound = (range >> 16) * p;

		if (code < bound) {
			range = bound;
			/* p += (0x10000 - p) >> ADAPTION, an instruction shorter */
			tree[node] = (probability)(p - ((s32)(p - 0xfff1) >> ADAPTION));
			node <<= 1;
		} else {
			range -= bound;
			code -= bound;
			tree[node] = (probability)(p - (p >> ADAPTION));
			node = node << 1 | 1;
		}
		while (range < 1u << 24) {
			range <<= 8;
			code = code << 8 | next_byte(rd);
		}
	}
	rd->range = range;
	rd->code = code;
	return node;
}

OUT_OF_LINE u32 rd_bit(struct range_decoder *rd, probability *at)
{
	return rd_tree(rd, at - 1, 1) & 1;
}

OUT_OF_LINE u32 rd_direct(struct range_decoder *rd, u32 count)
{
	u32 value = 0;

	for (; count > 0; count--) {
		rd->range >>= 1;
		value <<= 1;
		if (rd->code >= rd->range) {
			rd->code -= rd->range;
			value |= 1;
		}
		while (rd->range < 1u << 24) {
			rd->range <<= 8;
			rd->code = rd->code << 8 | next_byte(rd);
		}
	}
	return value;
}

OUT_OF_LINE u32 rd_number(struct range_decoder *rd, probability *model)
{
	u32 length = rd_tree(rd, model, 5) & (NUMBER_CLASSES - 1);
	u32 adapting = length > MANTISSA_BITS ? MANTISSA_BITS : length - 1;
	u32 value;

	if (length < 2)
		return length;
	value = rd_tree(rd, model + NUMBER_CLASSES + (length << MANTISSA_BITS), adapting);
	length -= 1 + adapting;
	return value << length | rd_direct(rd, length);
}

OUT_OF_LINE u32 rd_signed(struct range_decoder *rd, probability *model)
{
	u32 v = rd_number(rd, model);

	return v >> 1 ^ (0 - (v & 1));
}
