/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All that the guest programs need of a C library, so that they do not depend
 * on one: the same source gives the same instructions whichever libc the host
 * has, and a process has few pages for fork to copy. x86-64 only. System call
 * numbers: arch/x86/entry/syscalls/syscall_64.tbl.
 */
#ifndef KBL_SYSTEM_H
#define KBL_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

enum {
	SYS_read = 0,
	SYS_write = 1,
	SYS_open = 2,
	SYS_close = 3,
	SYS_stat = 4,
	SYS_mmap = 9,
	SYS_mprotect = 10,
	SYS_munmap = 11,
	SYS_rt_sigaction = 13,
	SYS_ioctl = 16,
	SYS_pwrite64 = 18,
	SYS_pipe = 22,
	SYS_select = 23,
	SYS_dup2 = 33,
	SYS_nanosleep = 35,
	SYS_getpid = 39,
	SYS_socketpair = 53,
	SYS_fork = 57,
	SYS_execve = 59,
	SYS_exit = 60,
	SYS_wait4 = 61,
	SYS_kill = 62,
	SYS_mkdir = 83,
	SYS_getppid = 110,
	SYS_setsid = 112,
	SYS_sync = 162,
	SYS_mount = 165,
	SYS_reboot = 169,
};

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	register long r9 asm("r9") = f;
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return result;
}

static inline long call3(long number, long a, long b, long c)
{
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return result;
}

static inline long call0(long number)
{
	long result;

	asm volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
	return result;
}

#define P(pointer) ((long)(pointer))

static inline size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

static inline int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static inline void print(const char *text)
{
	call3(SYS_write, 1, P(text), length(text));
}

static inline void print_number(uint64_t value)
{
	char text[24];
	char *at = text + sizeof(text);

	*--at = 0;
	do
		*--at = '0' + value % 10;
	while (value /= 10);
	print(at);
}

static inline __attribute__((noreturn)) void leave(int status)
{
	for (;;)
		call3(SYS_exit, status, 0, 0);
}

/* Waits for one child; its wait status, or -1. */
static inline int wait_for(long pid)
{
	int status = -1;

	call6(SYS_wait4, pid, P(&status), 0, 0, 0, 0);
	return status;
}

/*
 * Entry: the stack holds argc, argv[], NULL, envp[]. The marker FIRST, if the
 * program asks for one, is the very first instruction it executes.
 */
#define ENTRY(FIRST)                                                                                 \
	asm(".globl _start\n_start:\n" FIRST "\n"                                                    \
	    "	xor %ebp,%ebp\n	mov %rsp,%rdi\n	and $-16,%rsp\n	call start\n	ud2\n")

#endif
