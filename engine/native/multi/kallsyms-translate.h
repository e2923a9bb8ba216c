/* SPDX-License-Identifier: MIT */
/*
 * Packed names of the base as the flavour packs them: code by code where it can
 * be, which is in most places.
 *
 * Two codes that are side by side are tied if the flavour replaces anything
 * across the place where they meet. That is found by looking at these two only;
 * where neighbours matter, the stream says that they are tied. What is tied
 * together is unpacked and packed, but such parts are few and come again and
 * again, so they are remembered.
 */
#ifndef KALLSYMS_TRANSLATE_H
#define KALLSYMS_TRANSLATE_H

#include "kallsyms-tokens.h"

/* Of two codes side by side. */
enum joint {
	JOINT_UNKNOWN,
	JOINT_TIED,
	JOINT_LOOSE,
	JOINT_FAST = 0x8000,	/* loose, and the left one becomes the code in the lower byte */
};

enum {
	TRANSLATE_MOST = 7,	/* codes that fit into a word with their number */
	TRANSLATE_REMEMBERED_BITS = 10,
	/* What a name may fill before it is known to be too long: seven codes for each of its
	   own, and two parts. */
	TRANSLATE_ROOM = (TRANSLATE_MOST + 3) * PACK_LONGEST,
};

/* A part of a name and what it becomes. */
struct translated_part {
	u64 part;		/* up to 7 codes, the first in the lowest byte, their number in the highest */
	u8 code[15];
	u8 length;		/* of code */
};

struct translator {
	const struct tokens *base;
	const struct packer *packer;
	u64 alone[256];		/* what a code becomes, as in a part; 0 if it does not fit */
	struct translated_part remembered[1 << TRANSLATE_REMEMBERED_BITS];
	u16 joint[0x10000];	/* by left and right code << 8 */
};

/* Returns the length; 0 if the codes stand for nothing or too much. */
static u32 translate_part(const struct translator *t, const u8 *codes, u32 count, u8 *out)
{
	u32 length = tokens_unpack(t->base, codes, count, out);

	return length ? pack_in_place(t->packer, out, length) : 0;
}

static void translate_start(struct translator *t, const struct tokens *base,
			    const struct packer *packer)
{
	u8 out[PACK_LONGEST], code;
	u32 i, length;

	memset(t, 0, sizeof(*t));
	t->base = base;
	t->packer = packer;
	for (i = 0; i < 256; i++) {
		code = (u8)i;
		length = translate_part(t, &code, 1, out);
		if (length && length <= TRANSLATE_MOST) {
			memcpy(&t->alone[i], out, length);
			t->alone[i] |= (u64)length << 56;
		}
	}
}

static u32 translate_find_joint(const struct translator *t, u32 left, u32 right)
{
	u64 first = t->alone[left], second = t->alone[right];
	u32 count = (u32)(first >> 56);

	/* the codes are below their number */
	if (!first || !second ||
	    pack_crosses(t->packer, first >> (8 * count - 8) & 0xff, second & 0xff))
		return JOINT_TIED;
	return count == 1 ? JOINT_FAST | (u32)(first & 0xff) : JOINT_LOOSE;
}

static inline int translate_is_tied(struct translator *t, const u8 *codes)
{
	u16 *joint = &t->joint[pack_index(codes)];

	if (*joint == JOINT_UNKNOWN)
		*joint = (u16)translate_find_joint(t, codes[0], codes[1]);
	return *joint == JOINT_TIED;
}

static u32 translate_remembered(struct translator *t, const u8 *codes, u32 count, u8 *out)
{
	struct translated_part *known;
	u64 part;
	u32 length;

	if (count > TRANSLATE_MOST)
		return translate_part(t, codes, count, out);
	part = (multi_get64(codes) & ~0ull >> (64 - 8 * count)) | (u64)count << 56;
	known = &t->remembered[part * 0x9E3779B97F4A7C15ull >> (64 - TRANSLATE_REMEMBERED_BITS)];
	if (known->part == part) {
		__builtin_memcpy(out, known->code, sizeof(known->code));
		return known->length;
	}
	length = translate_part(t, codes, count, out);
	if (length && length <= sizeof(known->code)) {
		known->part = part;
		known->length = (u8)length;
		memcpy(known->code, out, length);
	}
	return length;
}

/*
 * Translates a name to out, which has room for TRANSLATE_ROOM. 8 bytes behind
 * the codes may be read. Returns the length; 0 if the name stands for nothing or
 * too much.
 */
static u32 translate_name(struct translator *t, const u8 *codes, u32 count, u8 *out)
{
	const u8 *end = codes + count, *last = end - 1, *to, *start = out;
	u32 joint, length;
	u64 alone;
	long i;

	if (count > PACK_LONGEST)
		return 0;
	do {
		for (i = 0; i < last - codes; i++) {
			joint = t->joint[pack_index(codes + i)];
			if (!(joint & JOINT_FAST))
				break;
			out[i] = (u8)joint;
		}
		codes += i;
		out += i;
		for (to = codes + 1; to < end && translate_is_tied(t, to - 1); to++)
			;
		alone = t->alone[*codes];
		if (to == codes + 1 && alone) {
			__builtin_memcpy(out, &alone, 8);
			out += alone >> 56;
		} else {
			if (out - start > PACK_LONGEST)
				return 0;
			length = translate_remembered(t, codes, (u32)(to - codes), out);
			if (!length)
				return 0;
			out += length;
		}
		codes = to;
	} while (codes < end);
	return out - start <= PACK_LONGEST ? (u32)(out - start) : 0;
}

#endif
