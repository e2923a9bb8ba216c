/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * /init of a guest whose kernel is only looked at. It comes up, lets the kernel
 * settle, and stops the machine between two instructions, so that every boot
 * of the same inputs leaves the same memory.
 *
 * Lines on the console that the lab reads:
 *   KBL-INIT    user space is up
 *   KBL-HOLD    the kernel has settled; the machine stops with the next write
 */
#include "come-up.h"

ENTRY("");

#define O_CREAT 0100
#define RESET_PORT 0x64 /* the keyboard controller's commands ... */
#define RESET "\xfe" /* ... of which this one pulls the reset line */

struct timespec { /* struct __kernel_timespec, include/uapi/linux/time_types.h */
	int64_t seconds;
	int64_t nanoseconds;
};

static void rest(int64_t seconds)
{
	struct timespec time = { seconds, 0 };

	call3(SYS_nanosleep, P(&time), 0, 0);
}

static void run_a_process(void)
{
	const char *argv[] = { "/bin/true", NULL };
	const char *envp[] = { NULL };
	long pid = call0(SYS_fork);

	if (pid == 0) {
		call3(SYS_execve, P(argv[0]), P(argv), P(envp));
		leave(127);
	}
	wait_for(pid);
}

static void write_a_file(void)
{
	long fd = call3(SYS_open, P("/tmp/file"), O_CREAT | O_RDWR, 0600);
	char byte = 0;

	call3(SYS_write, fd, P(&byte), 1);
	call3(SYS_close, fd, 0, 0);
}

/*
 * The emulator stops a CPU that resets its machine at that instruction, and was
 * told to leave it there. A kernel without /dev/port goes on resting, and is
 * stopped from outside, wherever it is then.
 */
static void stop_the_machine(void)
{
	long fd = call3(SYS_open, P("/dev/port"), O_RDWR, 0);

	call6(SYS_pwrite64, fd, P(RESET), 1, RESET_PORT, 0, 0);
}

void start(void)
{
	come_up();
	run_a_process();
	write_a_file();
	/* Keys that change late do so within a second: the refined frequency of the TSC is the last. */
	rest(3);
	print("KBL-HOLD\n");
	stop_the_machine();
	for (;;)
		rest(1000);
}
