/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * /init of the lab's guest. With a plan (/kbl/plan, one workload a line) it
 * runs each workload in a process of its own and powers off; without one it
 * gives a shell on the console.
 *
 * Lines on the console that the lab reads:
 *   KBL-INIT                      user space is up
 *   KBL-MEMORY MemTotal: N kB     as /proc/meminfo has it, before any workload
 *   KBL-WORKLOAD NAME             begins
 *   KBL-FAILED NAME STATUS        ended with that wait status
 *   KBL-DONE                      all is run; the machine powers off
 */
#include "come-up.h"
#include "marker.h"
#include "system.h"

ENTRY(MARKER_BYTES "1"); /* MARKER_INIT */

#define POWER_OFF 0x4321fedc /* include/uapi/linux/reboot.h */
#define RESTART 0x01234567
#define TIOCSCTTY 0x540e

static char plan[4096];
static char meminfo[4096];

static long read_file(const char *path, char *to, size_t size)
{
	long fd = call3(SYS_open, P(path), 0, 0);
	long have;

	if (fd < 0)
		return -1;
	have = call3(SYS_read, fd, P(to), size - 1);
	call3(SYS_close, fd, 0, 0);
	to[have < 0 ? 0 : have] = 0;
	return have;
}

static void report_memory(void)
{
	char *end = meminfo;

	if (read_file("/proc/meminfo", meminfo, sizeof(meminfo)) <= 0)
		return;
	while (*end && *end != '\n')
		end++;
	*end = 0;
	print("KBL-MEMORY ");
	print(meminfo);
	print("\n");
}

static int run(const char *program, const char *name)
{
	const char *argv[] = { program, name, NULL };
	const char *envp[] = { "HOME=/", "TERM=linux", "PATH=/bin", NULL };
	long pid = call0(SYS_fork);

	if (pid == 0) {
		call3(SYS_execve, P(program), P(argv), P(envp));
		leave(127);
	}
	return wait_for(pid);
}

static void run_plan(void)
{
	char *name = plan;

	while (*name) {
		char *end = name;
		int status;

		while (*end && *end != '\n')
			end++;
		if (*end)
			*end++ = 0;
		if (*name) {
			print("KBL-WORKLOAD ");
			print(name);
			print("\n");
			status = run("/bin/workload", name);
			if (status) {
				print("KBL-FAILED ");
				print(name);
				print(" ");
				print_number(status);
				print("\n");
			}
		}
		name = end;
	}
}

/* A login-less shell that owns the console; when it ends, so does the machine. */
static void run_shell(void)
{
	const char *argv[] = { "sh", "-c",
			       "/bin/busybox --install -s /bin; exec /bin/busybox sh -l", NULL };
	const char *envp[] = { "HOME=/", "TERM=linux", "PATH=/bin", "PS1=guest# ", NULL };
	long pid = call0(SYS_fork);

	if (pid == 0) {
		call0(SYS_setsid);
		call3(SYS_ioctl, 0, TIOCSCTTY, 1);
		call3(SYS_execve, P("/bin/busybox"), P(argv), P(envp));
		leave(127);
	}
	wait_for(pid);
}

void start(void)
{
	come_up();
	report_memory();
	if (read_file("/kbl/plan", plan, sizeof(plan)) > 0)
		run_plan();
	else
		run_shell();
	MARK(MARKER_DONE);
	print("KBL-DONE\n");
	call0(SYS_sync);
	call6(SYS_reboot, 0xfee1dead, 672274793, POWER_OFF, 0, 0, 0);
	call6(SYS_reboot, 0xfee1dead, 672274793, RESTART, 0, 0, 0);
	leave(1);
}
