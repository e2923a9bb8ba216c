/* SPDX-License-Identifier: MIT */
/* What the 256 codes of packed names stand for. */
#ifndef KALLSYMS_TOKENS_H
#define KALLSYMS_TOKENS_H

#include "kallsyms-pack.h"
#include "kallsyms-tables.h"
#include "range-decoder.h"

struct tokens {
	u32 size;		/* of text in use */
	u16 start[256];
	u16 length[256];	/* 0: not used */
	u8 text[MOST_TOKEN_TEXT];
};

enum token_kind {
	TOKEN_LETTER,		/* stands for itself */
	TOKEN_KNOWN,		/* has the string of a code of the base */
	TOKEN_PAIR,
	TOKEN_UNUSED,
};

struct token_models {
	probability kind[2 * 4];	/* by whether the base has a letter at this code */
	probability distance[NUMBER_SIZE];
	probability code[2 * BYTE_SIZE];	/* left, right */
};

/* Reads a token table of an image; returns its size, 0 if it is none. */
static u32 tokens_read(struct tokens *tokens, const u8 *image, u64 at, u32 image_size)
{
	u32 code, from, size = 0;

	for (code = 0; code < 256; code++) {
		from = size;
		do {
			if (size == MOST_TOKEN_TEXT || at + size >= image_size)
				return 0;
			tokens->text[size] = image[at + size];
		} while (tokens->text[size++]);
		tokens->start[code] = (u16)from;
		tokens->length[code] = (u16)(size - 1 - from);
	}
	tokens->size = size;
	return size;
}

/*
 * Unpacks codes into text, which has room for PACK_LONGEST letters. Returns
 * their number, 0 if they are none or more.
 */
static u32 tokens_unpack(const struct tokens *tokens, const u8 *codes, u32 count, u8 *text)
{
	u32 length = 0, i;
	const u8 *from;

	for (; count; count--, codes++) {
		if (tokens->length[*codes] > PACK_LONGEST - length)
			return 0;
		from = tokens->text + tokens->start[*codes];
		for (i = tokens->length[*codes]; i; i--)
			text[length++] = *from++;
	}
	return length;
}

static int tokens_add_pair(struct tokens *tokens, struct packer *packer, u32 code, u32 left,
			   u32 right)
{
	u32 length = (u32)tokens->length[left] + tokens->length[right];
	u8 *text = tokens->text + tokens->size;

	/* room for the NULs of all tokens is left */
	if (!tokens->length[left] || !tokens->length[right] ||
	    length > MOST_TOKEN_TEXT - 256 - tokens->size)
		return 0;
	memcpy(text, tokens->text + tokens->start[left], tokens->length[left]);
	memcpy(text + tokens->length[left], tokens->text + tokens->start[right],
	       tokens->length[right]);
	tokens->start[code] = (u16)tokens->size;
	tokens->length[code] = (u16)length;
	tokens->size += length;
	pack_add(packer, code, left, right);
	return 1;
}

static u32 tokens_table_size(const struct tokens *tokens)
{
	u32 code, size = 256;

	for (code = 0; code < 256; code++)
		size += tokens->length[code];
	return size;
}

/* From code on down, the first of the base that is no letter. */
static inline u32 tokens_not_letter(const struct tokens *base, u32 code)
{
	while (code && code < 256 && base->length[code] == 1)
		code--;
	return code;
}

/* What the pairs so far make of a token of the base must be two codes. */
static int tokens_add_known(struct tokens *tokens, struct packer *packer, u32 code,
			    const struct tokens *base, u32 known)
{
	u8 packed[PACK_LONGEST];
	u32 length;

	if (known > 255 || !base->length[known] || base->length[known] > PACK_LONGEST)
		return 0;
	length = base->length[known];
	memcpy(packed, base->text + base->start[known], length);
	if (pack_in_place(packer, packed, length) != 2)
		return 0;
	return tokens_add_pair(tokens, packer, code, packed[0], packed[1]);
}

/* Decodes a flavour's tokens, given the base's; returns 0 if they make no sense. */
static int tokens_decode(struct tokens *tokens, struct packer *packer, struct range_decoder *rd,
			 struct token_models *models, const struct tokens *base)
{
	u8 kind[256];
	u32 code, known, next = 255;
	int ok;

	pack_start(packer);
	memset(tokens, 0, sizeof(*tokens));
	for (code = 256; code-- > 0;) {
		kind[code] = rd_tree(rd, models->kind + (base->length[code] == 1 ? 4 : 0), 2) & 3;
		if (kind[code] == TOKEN_LETTER) {
			tokens->start[code] = (u16)tokens->size;
			tokens->length[code] = 1;
			tokens->text[tokens->size++] = (u8)code;
		}
	}
	ok = kind[0] != TOKEN_LETTER;
	/* Letters come first, so a pair has one, and no more than 255 are pairs. */
	for (code = 256; code-- > 0 && ok;) {
		if (kind[code] == TOKEN_KNOWN) {
			known = tokens_not_letter(base, next) - rd_signed(rd, models->distance);
			ok = tokens_add_known(tokens, packer, code, base, known);
			next = known - 1;
		} else if (kind[code] == TOKEN_PAIR) {
			u32 left = rd_byte(rd, models->code);
			u32 right = rd_byte(rd, models->code + BYTE_SIZE);

			ok = tokens_add_pair(tokens, packer, code, left, right);
		}
	}
	return ok;
}

#endif
