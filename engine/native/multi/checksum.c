/* SPDX-License-Identifier: MIT */
#include "multi.h"

/*
 * Two running sums, of the words and of the sums so far (J. G. Fletcher, 1982),
 * in 64 bits as ZFS has them: two instructions for eight bytes, since the whole
 * image is summed at every boot. It finds damage, not forgery.
 */
u64 multi_checksum(const void *at, u32 size)
{
	const u8 *p = at, *end = p + (size & ~7u);
	u64 sum = 0, sums = 0, last = 0;
	u32 i;

	for (; end - p >= 32; p += 32) {
		sums += sum += multi_get64(p);
		sums += sum += multi_get64(p + 8);
		sums += sum += multi_get64(p + 16);
		sums += sum += multi_get64(p + 24);
	}
	for (; p < end; p += 8)
		sums += sum += multi_get64(p);
	for (i = 0; i < (size & 7); i++)
		last |= (u64)p[i] << 8 * i;
	sums += sum += last;
	return sum ^ (sums << 32 | sums >> 32);
}
