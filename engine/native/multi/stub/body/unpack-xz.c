/* SPDX-License-Identifier: MIT */
/*
 * xz by liblzma, block by block (xz-file-format.txt 3): a block's dictionary
 * is as large as the compressor was allowed to make it, and need not be larger
 * than what comes out.
 */
#include <lzma.h>
#include "unpack.h"

#define TRAILER_SIZE 4	/* size, appended by the kernel's build */
#define FLAGS_OF_CHECK 7	/* in the stream header */

/* Headers of blocks carry a CRC-32; the library's table would be a fifth of the stub. */
uint32_t lzma_crc32(const uint8_t *at, size_t size, uint32_t crc)
{
	int bit;

	crc = ~crc;
	for (; size; size--, at++) {
		crc ^= *at;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Checks of contents, which are ignored: being here they keep the library's out. */
uint64_t lzma_crc64(const uint8_t *at, size_t size, uint64_t crc)
{
	(void)at, (void)size;
	return crc;
}

void lzma_sha256_init(void *check)
{
	(void)check;
}

void lzma_sha256_update(const uint8_t *at, size_t size, void *check)
{
	(void)at, (void)size, (void)check;
}

void lzma_sha256_finish(void *check)
{
	(void)check;
}

static void *allocate(void *heap, size_t count, size_t size)
{
	return heap_allocate(heap, count * size);
}

static void release(void *heap, void *at)
{
	(void)heap, (void)at;
}

static void limit_dictionary(lzma_filter *filters, u32 out_size)
{
	for (; filters->id != LZMA_VLI_UNKNOWN; filters++)
		if (filters->id == LZMA_FILTER_LZMA2) {
			lzma_options_lzma *options = filters->options;

			if (options->dict_size > out_size)
				options->dict_size = out_size;
		}
}

/* Unpacks the block at *in_at and moves both positions behind it. */
static int unpack_block(const u8 *in, size_t *in_at, size_t in_size, lzma_check check, u8 *out,
			size_t *out_at, size_t out_size, const lzma_allocator *allocator)
{
	lzma_filter filters[LZMA_FILTERS_MAX + 1];
	lzma_block block;

	memset(&block, 0, sizeof(block));
	block.version = 1;
	block.check = check;
	block.filters = filters;
	block.header_size = lzma_block_header_size_decode(in[*in_at]);
	if (block.header_size > in_size - *in_at ||
	    lzma_block_header_decode(&block, allocator, in + *in_at) != LZMA_OK)
		return 0;
	block.ignore_check = 1;
	limit_dictionary(filters, out_size);
	*in_at += block.header_size;
	return lzma_block_buffer_decode(&block, allocator, in, in_at, in_size, out, out_at,
					out_size) == LZMA_OK;
}

int unpack(const u8 *payload, u32 size, u8 *out, u32 out_size, struct heap *heap)
{
	size_t in_at = LZMA_STREAM_HEADER_SIZE, out_at = 0, end;

	if (size < TRAILER_SIZE + LZMA_STREAM_HEADER_SIZE)
		return 0;
	end = size - TRAILER_SIZE;
	/* A block's first byte is the size of its header; 0 is where the index begins. */
	while (in_at < end && payload[in_at]) {
		struct heap rest = *heap;	/* each block begins with an empty one */
		const lzma_allocator allocator = { allocate, release, &rest };

		if (!unpack_block(payload, &in_at, end, payload[FLAGS_OF_CHECK] & 15, out, &out_at,
				  out_size, &allocator))
			return 0;
	}
	return out_at == out_size;
}
