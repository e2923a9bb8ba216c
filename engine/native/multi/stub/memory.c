/* SPDX-License-Identifier: MIT */
/* memcpy and its kin; eight bytes at a time, which costs an emulator an eighth. */
#include "../port.h"

static void forward(u8 *to, const u8 *from, size_t n)
{
	size_t words = n / sizeof(size_t), rest = n % sizeof(size_t);

#ifdef __x86_64__
	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
#else
	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
#endif
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest) : : "memory");
}

void *memcpy(void *to, const void *from, size_t n)
{
	forward(to, from, n);
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *t = to;
	const u8 *f = from;

	if (t <= f || t >= f + n)
		forward(t, f, n);
	else
		while (n--)
			t[n] = f[n];
	return to;
}

void *memset(void *at, int byte, size_t n)
{
	size_t word = (size_t)-1 / 0xff * (u8)byte;
	size_t words = n / sizeof(size_t), rest = n % sizeof(size_t);
	u8 *to = at;

#ifdef __x86_64__
	__asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(word) : "memory");
#else
	__asm__ volatile("rep stosl" : "+D"(to), "+c"(words) : "a"(word) : "memory");
#endif
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
