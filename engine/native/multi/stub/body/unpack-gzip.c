/* SPDX-License-Identifier: MIT */
/*
 * gzip by libdeflate, which unpacks from memory to memory in half of zlib's
 * instructions: its header is read here (RFC 1952), its deflate stream by the
 * library.
 */
#include <libdeflate.h>
#include "unpack.h"

#define HEADER_SIZE 10
#define TRAILER_SIZE 8	/* CRC-32 and size */
#define METHOD_DEFLATE 8

enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16 };

/* The library gives its allocator nothing to know the heap by. */
static struct heap *current_heap;

static void *allocate(size_t size)
{
	return heap_allocate(current_heap, size);
}

static void release(void *at)
{
	(void)at;
}

static u32 after_string(const u8 *payload, u32 at, u32 end)
{
	while (at < end && payload[at])
		at++;
	return at + 1;
}

/* Where the deflate stream begins; more than `end` when the header is damaged. */
static u32 after_header(const u8 *payload, u32 end)
{
	u32 at = HEADER_SIZE;
	u8 flags;

	if (end < HEADER_SIZE || payload[0] != 0x1f || payload[1] != 0x8b ||
	    payload[2] != METHOD_DEFLATE)
		return end + 1;
	flags = payload[3];
	if (flags & FEXTRA)
		at += end - at < 2 ? 2 : 2u + multi_get16(payload + at);
	if (flags & FNAME)
		at = after_string(payload, at, end);
	if (flags & FCOMMENT)
		at = after_string(payload, at, end);
	if (flags & FHCRC)
		at += 2;
	return at;
}

int unpack(const u8 *payload, u32 size, u8 *out, u32 out_size, struct heap *heap)
{
	u32 end = size < TRAILER_SIZE ? 0 : size - TRAILER_SIZE;
	u32 start = after_header(payload, end);
	struct libdeflate_decompressor *decompressor;

	if (start > end)
		return 0;
	current_heap = heap;
	libdeflate_set_memory_allocator(allocate, release);
	decompressor = libdeflate_alloc_decompressor();
	/* Without a place for the actual size, any other than out_size is an error. */
	return decompressor &&
	       libdeflate_deflate_decompress(decompressor, payload + start, end - start, out,
					     out_size, NULL) == LIBDEFLATE_SUCCESS;
}
