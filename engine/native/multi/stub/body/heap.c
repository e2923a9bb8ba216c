/* SPDX-License-Identifier: MIT */
#include "unpack.h"

void *heap_allocate(struct heap *heap, size_t size)
{
	size_t start = (heap->used + 15) & ~(size_t)15;

	if (start > heap->size || size > heap->size - start)
		return NULL;
	heap->used = start + size;
	return heap->at + start;
}
