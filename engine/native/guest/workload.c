/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * `workload NAME`: runs one workload's iterations, each between two markers.
 * What each name means is in docs/measuring.md; the table of names, ids and
 * iterations is generated from engine/measure/workloads.ts.
 *
 * Around every pair of markers the time stamp counter is read too. Under
 * `-icount shift=0` it counts executed instructions, so that the lab can check
 * the counter plugin's figure against another one: the line
 *   KBL-TSC NAME MINIMUM
 * gives the cheapest iteration as rdtsc saw it, with what `empty` costs in it.
 */
#include "marker.h"
#include "system.h"
#include "workload-ids.h"

ENTRY("");

#define PAGE 4096
#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANONYMOUS 0x22
#define SIGUSR1 10
#define SA_RESTORER 0x04000000
#define AF_UNIX 1
#define SOCK_STREAM 1
#define FILE_TO_OPEN "/bin/workload"

static uint64_t cheapest = UINT64_MAX;

/*
 * One asm each, so that the compiler moves nothing between the time stamp and
 * the marker: the two figures then cover the same instructions.
 */
#define TIME "rdtsc\n	shl $32,%%rdx\n	or %%rdx,%%rax\n	"
#define BEGIN(code, before)                                                                          \
	asm volatile(TIME "mov %%rax,%0\n	" MARKER_BYTES "%c1"                                     \
		     : "=r"(before)                                                                  \
		     : "i"(code)                                                                     \
		     : "rax", "rdx", "memory")
#define END(code, after)                                                                             \
	asm volatile(MARKER_BYTES "%c1\n	" TIME "mov %%rax,%0"                                    \
		     : "=r"(after)                                                                   \
		     : "i"(code)                                                                     \
		     : "rax", "rdx", "memory")

static inline void note(uint64_t ticks)
{
	if (ticks < cheapest)
		cheapest = ticks;
}

/* Runs an operation WARM_UP(name) times, then as often as it counts; `i` is the iteration. */
#define MEASURE(name, ...)                                                                           \
	for (long i = 0; i < ITERATIONS(name); i++) {                                                \
		uint64_t before, after;                                                              \
		BEGIN(MARKER_BEGIN(ID(name)), before);                                               \
		__VA_ARGS__;                                                                         \
		END(MARKER_END(ID(name)), after);                                                    \
		if (i >= WARM_UP(name))                                                              \
			note(after - before);                                                        \
	}

static __attribute__((noreturn)) void fail(const char *what)
{
	print("KBL-ERROR ");
	print(what);
	print("\n");
	leave(1);
}

static long must(long result, const char *what)
{
	if (result < 0)
		fail(what);
	return result;
}

static char *map(size_t size)
{
	long at = call6(SYS_mmap, 0, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);

	if (at < 0 && at > -PAGE)
		fail("mmap");
	return (char *)at;
}

static void touch(char *at, size_t pages)
{
	for (size_t page = 0; page < pages; page++)
		*(volatile char *)(at + page * PAGE) = 1;
}

static void empty(void)
{
	MEASURE(empty, (void)0);
}

static void null(void)
{
	MEASURE(null, call0(SYS_getppid));
}

static void read_zero(void)
{
	long fd = must(call3(SYS_open, P("/dev/zero"), 0, 0), "open /dev/zero");
	char byte;

	MEASURE(read, call3(SYS_read, fd, P(&byte), 1));
}

static void write_null(void)
{
	long fd = must(call3(SYS_open, P("/dev/null"), 1, 0), "open /dev/null");
	char byte = 0;

	MEASURE(write, call3(SYS_write, fd, P(&byte), 1));
}

static void stat_file(void)
{
	char buffer[256];

	must(call3(SYS_stat, P(FILE_TO_OPEN), P(buffer), 0), "stat");
	MEASURE(stat, call3(SYS_stat, P(FILE_TO_OPEN), P(buffer), 0));
}

static void open_close(void)
{
	MEASURE(open_close, {
		long fd = call3(SYS_open, P(FILE_TO_OPEN), 0, 0);
		call3(SYS_close, fd, 0, 0);
	});
}

struct action { /* struct sigaction as the kernel has it, arch/x86/include/uapi/asm/signal.h */
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

static volatile int delivered;

static void on_signal(int number)
{
	delivered = number;
}

void restore(void);
asm("restore:\n	mov $15,%eax\n	syscall\n"); /* rt_sigreturn */

static const struct action catch = { on_signal, SA_RESTORER, restore, 0 };

static void install(void)
{
	call6(SYS_rt_sigaction, SIGUSR1, P(&catch), 0, 8, 0, 0);
}

static void sig_install(void)
{
	MEASURE(sig_install, install());
}

static void sig_deliver(void)
{
	long self = call0(SYS_getpid);

	install();
	MEASURE(sig_deliver, call3(SYS_kill, self, SIGUSR1, 0));
	if (!delivered)
		fail("no signal arrived");
}

/* A child that sends back each byte it receives, until the other end closes. */
static void start_echo(int in, int out, int unused_in, int unused_out)
{
	char byte;

	if (must(call0(SYS_fork), "fork"))
		return;
	call3(SYS_close, unused_in, 0, 0);
	call3(SYS_close, unused_out, 0, 0);
	while (call3(SYS_read, in, P(&byte), 1) == 1)
		call3(SYS_write, out, P(&byte), 1);
	leave(0);
}

static inline void round_trip(int out, int in)
{
	char byte = 0;

	call3(SYS_write, out, P(&byte), 1);
	call3(SYS_read, in, P(&byte), 1);
}

static void pipe_round_trip(void)
{
	int there[2], back[2];

	must(call3(SYS_pipe, P(there), 0, 0), "pipe");
	must(call3(SYS_pipe, P(back), 0, 0), "pipe");
	start_echo(there[0], back[1], there[1], back[0]);
	MEASURE(pipe, round_trip(there[1], back[0]));
	call3(SYS_close, there[1], 0, 0);
	wait_for(-1);
}

static void unix_round_trip(void)
{
	int pair[2];

	must(call6(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, P(pair), 0, 0), "socketpair");
	start_echo(pair[1], pair[1], pair[0], pair[0]);
	MEASURE(unix_stream, round_trip(pair[0], pair[0]));
	call3(SYS_close, pair[0], 0, 0);
	wait_for(-1);
}

static void fork_exit(void)
{
	MEASURE(fork_exit, {
		long pid = call0(SYS_fork);
		if (pid == 0)
			leave(0);
		wait_for(pid);
	});
}

static void fork_exec(void)
{
	const char *argv[] = { "/bin/true", NULL };
	const char *envp[] = { NULL };

	MEASURE(fork_exec, {
		long pid = call0(SYS_fork);
		if (pid == 0) {
			call3(SYS_execve, P(argv[0]), P(argv), P(envp));
			leave(127);
		}
		wait_for(pid);
	});
}

#define TOUCHED_PAGES 16

static void mmap_touch(void)
{
	MEASURE(mmap_touch, {
		char *at = map(TOUCHED_PAGES * PAGE);
		touch(at, TOUCHED_PAGES);
		call3(SYS_munmap, P(at), TOUCHED_PAGES * PAGE, 0);
	});
}

static void page_fault(void)
{
	char *at = map((size_t)ITERATIONS(page_fault) * PAGE);

	MEASURE(page_fault, touch(at + i * PAGE, 1));
}

#define SELECTED 100

static void select_100(void)
{
	unsigned long set[16] = { 0 }; /* 1024 descriptors */
	long zero[2] = { 0, 0 };
	int ends[2];
	int first = 3 + 2;

	must(call3(SYS_pipe, P(ends), 0, 0), "pipe");
	for (int fd = first; fd < first + SELECTED; fd++)
		must(call3(SYS_dup2, ends[0], fd, 0), "dup2");
	MEASURE(select_100, {
		for (int fd = first; fd < first + SELECTED; fd++)
			set[fd / 64] |= 1ul << fd % 64;
		call6(SYS_select, first + SELECTED, P(set), 0, 0, P(zero), 0);
	});
}

#define PERF_AREAS 4
#define PERF_AREA (4 * PAGE)
#define PROT_READ_ONLY 1
#define MAP_FIXED 0x10

/*
 * In the manner of mmap-perf, with which the 2009 thread "1% performance
 * overhead of paravirt_ops on native kernels" measured. Its source is no longer
 * to be had; the thread calls it "very MM intense, including vma lookup". So:
 * small neighbouring areas in one window, each mapped and touched, every
 * other one made read-only so that none merge, and all unmapped one by one.
 */
static void mmap_perf(void)
{
	char *window = map(PERF_AREAS * PERF_AREA);

	call3(SYS_munmap, P(window), PERF_AREAS * PERF_AREA, 0);
	MEASURE(mmap_perf, {
		for (int area = 0; area < PERF_AREAS; area++) {
			char *at = window + area * PERF_AREA;
			call6(SYS_mmap, P(at), PERF_AREA, PROT_READ_WRITE,
			      MAP_PRIVATE_ANONYMOUS | MAP_FIXED, -1, 0);
			touch(at, PERF_AREA / PAGE);
			if (area % 2)
				call3(SYS_mprotect, P(at), PERF_AREA, PROT_READ_ONLY);
		}
		for (int area = 0; area < PERF_AREAS; area++)
			call3(SYS_munmap, P(window + area * PERF_AREA), PERF_AREA, 0);
	});
}

static const struct {
	const char *name;
	void (*run)(void);
} workloads[] = {
	{ "empty", empty },
	{ "null", null },
	{ "read", read_zero },
	{ "write", write_null },
	{ "stat", stat_file },
	{ "open_close", open_close },
	{ "sig_install", sig_install },
	{ "sig_deliver", sig_deliver },
	{ "pipe", pipe_round_trip },
	{ "fork_exit", fork_exit },
	{ "fork_exec", fork_exec },
	{ "mmap_touch", mmap_touch },
	{ "page_fault", page_fault },
	{ "select_100", select_100 },
	{ "unix_stream", unix_round_trip },
	{ "mmap_perf", mmap_perf },
};

static __attribute__((noreturn)) void run(const char *name)
{
	for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		if (!same(name, workloads[i].name))
			continue;
		workloads[i].run();
		print("KBL-TSC ");
		print(name);
		print(" ");
		print_number(cheapest);
		print("\n");
		leave(0);
	}
	fail("no such workload");
}

void start(const long *stack)
{
	if (stack[0] < 2)
		fail("usage: workload NAME");
	run((const char *)stack[2]);
}
