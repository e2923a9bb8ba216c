/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counts guest instructions by privilege domain and writes the totals down
 * each time the guest executes a marker.
 *
 * A marker is an eight-byte no-op, `nopl MAGIC|code(%rax,%rax,1)`, that does
 * nothing else: no register, no memory, no trap, in any privilege level. It is
 * recognised when QEMU translates the code around it. The marker itself is not
 * counted, so the difference of two records is exactly what ran between them.
 *
 * The domain of an instruction is the address it was fetched from: domain.h.
 *
 * An instruction counts when it begins to execute. One that faults and is
 * started again counts again; an iteration of a REP string instruction counts
 * as an instruction. Both as `-icount` and rdtsc have them, but for the fault:
 * docs/measuring.md.
 *
 * Arguments: out=FILE (required), mode=inline|callback (callback counts with a
 * function call an instruction: slow, only to check the inline counters),
 * limit=N (records, so that a hostile guest cannot fill the disk),
 * sites=FILE and siteout=FILE (count single instructions too: sites.c).
 *
 * The file: a 32-byte header, then 32-byte records, all little-endian u64:
 *   header  "KBLCOUNT", version (1) | mode << 32, plugin API version, 0
 *   record  code, user, kernel, hypervisor: totals since reset
 * The last record of a run that ended by itself has the code 0xffff.
 */
#include "counter-api.h"
#include "domain.h"
#include "sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKER_SIZE 8
#define MARKER_MAGIC 0x6b620000u /* "kb", then 16 bits of code */
#define CODE_END 0xffffu

enum mode { INLINE, CALLBACK };

static FILE *out;
static enum mode mode = INLINE;
static uint64_t limit = 4u << 20;
static uint64_t called[DOMAINS];

static uint64_t total(enum domain domain)
{
	return mode == CALLBACK ? called[domain] : counter_api_read(domain);
}

static void put(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	/* x86 hosts only, like everything else here: the file is little-endian as memory is. */
	uint64_t words[4] = { a, b, c, d };

	if (fwrite(words, sizeof(words), 1, out) != 1) {
		fputs("kbl-counter: cannot write the counts\n", stderr);
		exit(1);
	}
}

static void put_totals(uint64_t code)
{
	put(code, total(USER), total(KERNEL), total(HYPERVISOR));
}

static void on_marker(unsigned int vcpu, void *code)
{
	(void)vcpu;
	if (!limit)
		return;
	limit--;
	put_totals((uintptr_t)code);
	sites_record((uintptr_t)code);
}

static void on_insn(unsigned int vcpu, void *counter)
{
	(void)vcpu;
	++*(uint64_t *)counter;
}

/* The marker's code, or -1 if @insn is any other instruction. */
static long marker_code(const struct qemu_plugin_insn *insn)
{
	static const uint8_t nopl[4] = { 0x0f, 0x1f, 0x84, 0x00 };
	uint8_t bytes[MARKER_SIZE];
	uint32_t displacement;

	if (qemu_plugin_insn_size(insn) != MARKER_SIZE ||
	    counter_api_bytes(insn, bytes, MARKER_SIZE) != MARKER_SIZE ||
	    memcmp(bytes, nopl, sizeof(nopl)))
		return -1;
	memcpy(&displacement, bytes + sizeof(nopl), sizeof(displacement));
	if ((displacement & 0xffff0000u) != MARKER_MAGIC)
		return -1;
	return displacement & 0xffffu;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		enum domain domain = domain_of(address);
		long code = marker_code(insn);

		if (code >= 0)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_marker, QEMU_PLUGIN_CB_NO_REGS,
							       (void *)(uintptr_t)code);
		else if (mode == CALLBACK)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS,
							       &called[domain]);
		else
			counter_api_add(insn, domain, 1);
		sites_on_translate(insn, address);
	}
}

static void on_emulator_exit(qemu_plugin_id_t id, void *udata)
{
	(void)id;
	(void)udata;
	put_totals(CODE_END);
	fclose(out);
	sites_end(CODE_END);
}

static int refuse(const char *why)
{
	fprintf(stderr, "kbl-counter: %s\n", why);
	return -1;
}

KBL_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				   char **argv)
{
	const char *file = NULL, *sites = NULL, *site_counts = NULL;

	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			file = argv[i] + 4;
		else if (!strncmp(argv[i], "sites=", 6))
			sites = argv[i] + 6;
		else if (!strncmp(argv[i], "siteout=", 8))
			site_counts = argv[i] + 8;
		else if (!strcmp(argv[i], "mode=inline"))
			mode = INLINE;
		else if (!strcmp(argv[i], "mode=callback"))
			mode = CALLBACK;
		else if (!strncmp(argv[i], "limit=", 6))
			limit = strtoull(argv[i] + 6, NULL, 10);
		else
			return refuse("unknown argument");
	}
	if (!info->system_emulation || strcmp(info->target_name, "x86_64"))
		return refuse("counts only qemu-system-x86_64");
	if (info->system.max_vcpus != 1)
		return refuse("counts one vCPU only");
	if (!sites != !site_counts)
		return refuse("sites=FILE and siteout=FILE belong together");
	if (sites && sites_open(sites, site_counts, DOMAINS))
		return refuse("the list of sites is malformed, or the counts cannot be written");
	if (counter_api_init(DOMAINS + sites_number(), info))
		return refuse("this QEMU's plugin API is not known");
	if (!file || !(out = fopen(file, "wb")))
		return refuse("out=FILE is missing or cannot be written");

	uint64_t magic;
	memcpy(&magic, "KBLCOUNT", sizeof(magic));
	put(magic, 1 | (uint64_t)mode << 32, (uint64_t)info->version.cur, 0);

	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_emulator_exit, NULL);
	return 0;
}
