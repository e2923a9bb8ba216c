/* SPDX-License-Identifier: MIT */
#ifndef UNPACK_H
#define UNPACK_H

#include "../../port.h"

/* Memory that a codec may use, given out from its start and never taken back. */
struct heap {
	u8 *at;
	size_t size;
	size_t used;
};

/* 16-byte aligned; NULL when there is not enough left. */
void *heap_allocate(struct heap *heap, size_t size);

/*
 * Unpacks a payload as a bzImage has it, with its trailing size. One file a
 * codec; one of them is linked.
 * Returns 1 if exactly out_size bytes came out. Checksums of the stream are
 * not looked at: the image's own is checked later.
 */
int unpack(const u8 *payload, u32 size, u8 *out, u32 out_size, struct heap *heap);

#endif
