/* SPDX-License-Identifier: MIT */
/*
 * Binary range decoder with adaptive probabilities, after G. N. N. Martin
 * (1979) in the byte-wise form of LZMA (Igor Pavlov). engine/recipe/range-coder.ts
 * is its encoder and its twin.
 *
 * Reading behind the end gives zeros and is remembered; the caller asks for
 * rd_overrun() when all is read.
 */
#ifndef RANGE_DECODER_H
#define RANGE_DECODER_H

#include "port.h"

/* Probability of a zero bit, in 1/65536. */
typedef u16 probability;

enum {
	PROBABILITY_HALF = 0x8000,
	ADAPTION = 4,		/* a bit moves its probability by 1/16 of the rest */
	NUMBER_CLASSES = 32,	/* bit lengths 0 to 31 */
	MANTISSA_BITS = 3,	/* so many bits below the leading one adapt */
	NUMBER_SIZE = NUMBER_CLASSES + NUMBER_CLASSES * (1 << MANTISSA_BITS),
	BYTE_SIZE = 256,
};

struct range_decoder {
	const u8 *next, *end;
	u32 range, code;
	u32 overrun;
};

void rd_start(struct range_decoder *rd, const u8 *from, const u8 *end);

u32 rd_bit(struct range_decoder *rd, probability *at);

/* count bits of probability one half each, count < 32. */
u32 rd_direct(struct range_decoder *rd, u32 count);

/* A symbol of so many bits, most significant first, with a one in front; tree has 1 << bits entries. */
u32 rd_tree(struct range_decoder *rd, probability *tree, u32 bits);

/* A byte; tree has BYTE_SIZE entries. */
static inline u32 rd_byte(struct range_decoder *rd, probability *tree)
{
	return rd_tree(rd, tree, 8) & 0xff;
}

/*
 * A number below 2^31: its bit length as a symbol, then the bits below the
 * leading one, of which the first MANTISSA_BITS adapt. model has NUMBER_SIZE
 * entries.
 */
u32 rd_number(struct range_decoder *rd, probability *model);

/* A number with its sign: 0, -1, 1, -2, 2 ... modulo 2^32. */
u32 rd_signed(struct range_decoder *rd, probability *model);

#endif
