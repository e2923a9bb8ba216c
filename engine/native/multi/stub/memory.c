/* SPDX-License-Identifier: MIT */
/* memcpy and its kin; by words, which costs an emulator a fraction. */
#include "../port.h"

#ifdef __x86_64__
#define MOVE_WORDS "rep movsq"
#define STORE_WORDS "rep stosq"
#else
#define MOVE_WORDS "rep movsl"
#define STORE_WORDS "rep stosl"
#endif

static void forward(u8 *to, const u8 *from, size_t n)
{
	size_t words = n / sizeof(size_t), rest = n % sizeof(size_t);

	__asm__ volatile(MOVE_WORDS : "+D"(to), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest) : : "memory");
}

/* From the last byte to the first; the pointers are those of the unit that is moved next. */
static void backward(u8 *to, const u8 *from, size_t n)
{
	size_t words = n / sizeof(size_t), rest = n % sizeof(size_t);

	to += n - 1;
	from += n - 1;
	__asm__ volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(rest) : : "memory");
	to -= sizeof(size_t) - 1;
	from -= sizeof(size_t) - 1;
	__asm__ volatile("std; " MOVE_WORDS "; cld"
			 : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

void *memcpy(void *to, const void *from, size_t n)
{
	forward(to, from, n);
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	if ((uintptr_t)to <= (uintptr_t)from || (uintptr_t)to >= (uintptr_t)from + n)
		forward(to, from, n);
	else
		backward(to, from, n);
	return to;
}

void *memset(void *at, int byte, size_t n)
{
	size_t word = (size_t)-1 / 0xff * (u8)byte;
	size_t words = n / sizeof(size_t), rest = n % sizeof(size_t);
	u8 *to = at;

	__asm__ volatile(STORE_WORDS : "+D"(to), "+c"(words) : "a"(word) : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(word) : "memory");
	return at;
}

int memcmp(const void *one, const void *other, size_t n)
{
	const u8 *a = one, *b = other;

	for (; n; n--, a++, b++)
		if (*a != *b)
			return *a - *b;
	return 0;
}
