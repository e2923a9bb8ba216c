/* SPDX-License-Identifier: MIT */
/*
 * What the multi-image code needs of its surroundings: integer types, and
 * memcpy, memmove, memset and memcmp with their usual meaning.
 *
 * The kernel's decompressor brings its own; everywhere else <stdint.h> of a
 * freestanding compiler is enough.
 */
#ifndef MULTI_PORT_H
#define MULTI_PORT_H

#ifndef __KERNEL__
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *at, int byte, size_t n);
int memcmp(const void *one, const void *other, size_t n);
#endif

/* The format is little endian and its fields may lie at any address. */
static inline u16 multi_get16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static inline u32 multi_get32(const u8 *p)
{
	u32 v;

	__builtin_memcpy(&v, p, 4);
	return v;
}

static inline u64 multi_get64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, 8);
	return v;
}

static inline void multi_put32(u8 *p, u32 v)
{
	__builtin_memcpy(p, &v, 4);
}

#endif
