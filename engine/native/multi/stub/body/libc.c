/* SPDX-License-Identifier: MIT */
/*
 * What the codecs' libraries refer to of a C library besides memcpy and its
 * kin. They are given memory by other ways and ask for none here.
 */
#include "cpu.h"

void *malloc(size_t size)
{
	(void)size;
	return NULL;
}

void *calloc(size_t count, size_t size)
{
	(void)count, (void)size;
	return NULL;
}

void free(void *at)
{
	(void)at;
}

/* A function of a library found its stack overwritten. */
__attribute__((noreturn)) void __stack_chk_fail(void)
{
	exception_halt();
}
