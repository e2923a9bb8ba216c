/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shows a running guest's instruction counts by privilege domain to whoever
 * looks: totals since reset, counted as counter.c counts them, written over
 * and over to one small file. For guests that someone watches; what is
 * measured is counted by counter.c, which writes only where the guest says.
 *
 * Argument: out=FILE (required).
 *
 * The file: three little-endian u64, user, kernel, hypervisor. They are
 * written by a thread of their own, so the guest never waits for the disk, and
 * with one call, so a reader sees the three of one moment.
 */
#include "counter-api.h"
#include "domain.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_NS 100000000L

static int out = -1;
static pthread_t writer;
static int is_writing;

static void write_totals(void)
{
	uint64_t totals[DOMAINS];

	for (unsigned int i = 0; i < DOMAINS; i++)
		totals[i] = counter_api_read(i);
	/* Nobody can be told that it failed; the reader sees that the counts stand still. */
	(void)!pwrite(out, totals, sizeof(totals), 0);
}

static void *keep_writing(void *unused)
{
	static const struct timespec interval = { 0, INTERVAL_NS };

	for (;;) {
		write_totals();
		nanosleep(&interval, NULL);
	}
	return unused;
}

/* Not before there is a vCPU: until then API 2 has no place where it counts. */
static void on_vcpu_init(qemu_plugin_id_t id, unsigned int vcpu)
{
	sigset_t all, before;

	(void)id;
	(void)vcpu;
	/* QEMU's signals are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	is_writing = !pthread_create(&writer, NULL, keep_writing, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		counter_api_add(insn, domain_of(qemu_plugin_insn_vaddr(insn)), 1);
	}
}

static void on_emulator_exit(qemu_plugin_id_t id, void *udata)
{
	(void)id;
	(void)udata;
	if (!is_writing)
		return;
	pthread_cancel(writer);
	pthread_join(writer, NULL);
	write_totals();
}

static int refuse(const char *why)
{
	fprintf(stderr, "kbl-live: %s\n", why);
	return -1;
}

KBL_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				   char **argv)
{
	if (!info->system_emulation || strcmp(info->target_name, "x86_64"))
		return refuse("counts only qemu-system-x86_64");
	if (info->system.max_vcpus != 1)
		return refuse("counts one vCPU only");
	if (counter_api_init(DOMAINS, info))
		return refuse("this QEMU's plugin API is not known");
	if (argc == 1 && !strncmp(argv[0], "out=", 4))
		out = open(argv[0] + 4, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (out < 0)
		return refuse("out=FILE is missing or cannot be written");

	qemu_plugin_register_vcpu_init_cb(id, on_vcpu_init);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_emulator_exit, NULL);
	return 0;
}
