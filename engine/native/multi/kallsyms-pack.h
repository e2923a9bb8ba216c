/* SPDX-License-Identifier: MIT */
/*
 * Packs symbol names as compress_symbols() of scripts/kallsyms.c does: replaces
 * each pair of codes by its code, wherever it is and from left to right, one
 * pair after the other in the order in which they were made.
 */
#ifndef KALLSYMS_PACK_H
#define KALLSYMS_PACK_H

#include "port.h"

enum {
	PACK_LONGEST = 512,	/* KSYM_NAME_LEN: a type letter and a name */
};

struct packer {
	u8 urgency[0x10000];	/* by left and right code << 8: 255 for the first pair, 0 is no pair */
	u8 code[256];		/* what replaces a pair of this urgency */
	u8 left_half[256], right_half[256], made[256];	/* by code: its pair and how urgent it was, 0 for letters */
	u32 left;		/* so many pairs may still be added */
};

static inline u32 pack_index(const u8 *at)
{
	u16 index;

	__builtin_memcpy(&index, at, 2);
	return index;
}

/* Of the pair of two codes, which are the lower bytes. */
static inline u32 pack_urgency(const struct packer *packer, u32 left, u32 right)
{
	return packer->urgency[(left & 0xff) | (right & 0xff) << 8];
}

static void pack_start(struct packer *packer)
{
	memset(packer, 0, sizeof(*packer));
	packer->left = 255;
}

/* Adds a pair, of which there are at most 255. */
static void pack_add(struct packer *packer, u32 code, u32 left, u32 right)
{
	packer->code[packer->left] = (u8)code;
	packer->left_half[code] = (u8)left;
	packer->right_half[code] = (u8)right;
	packer->made[code] = (u8)packer->left;
	packer->urgency[left | right << 8] = (u8)packer->left--;
}

/*
 * Is anything replaced across the place where what became two codes meets? It is
 * if, of the codes that were there on the way to these, two make a pair that is
 * more urgent than what replaced either; among equals the left is first.
 */
static int pack_crosses(const struct packer *packer, u32 left, u32 right)
{
	u32 at, left_used, right_used, urgency;

	for (right_used = 0;; right = packer->left_half[right]) {
		for (at = left, left_used = 0;; at = packer->right_half[at]) {
			urgency = packer->urgency[at | right << 8];
			if (urgency > left_used && urgency >= right_used)
				return 1;
			left_used = packer->made[at];
			if (!left_used)
				break;
		}
		right_used = packer->made[right];
		if (!right_used)
			return 0;
	}
}

/*
 * Packs code[0..length) where it is; 0 < length <= PACK_LONGEST. Each code is
 * kept with the urgency of the pair that starts with it in its upper byte: the
 * highest is what is replaced next, and among equal ones the leftmost.
 */
static u32 pack_in_place(const struct packer *packer, u8 *code, u32 length)
{
	u16 pairs[PACK_LONGEST];
	u32 highest, at, i;

	for (i = 0; i + 1 < length; i++)
		pairs[i] = (u16)(code[i] | packer->urgency[pack_index(code + i)] << 8);
	pairs[i] = code[i];
	for (;;) {
		for (highest = 0xff, at = 0, i = 0; i < length; i++)
			if (pairs[i] > highest) {
				highest = pairs[i];
				at = i;
			}
		if (highest == 0xff)
			break;
		for (length--, i = at + 1; i < length; i++)
			pairs[i] = pairs[i + 1];
		pairs[at] = packer->code[highest >> 8];
		if (at + 1 < length)
			pairs[at] = (u16)(pairs[at] |
					  pack_urgency(packer, pairs[at], pairs[at + 1]) << 8);
		if (at > 0)
			pairs[at - 1] = (u16)((pairs[at - 1] & 0xff) |
					      pack_urgency(packer, pairs[at - 1], pairs[at]) << 8);
	}
	for (i = 0; i < length; i++)
		code[i] = (u8)pairs[i];
	return length;
}

#endif
