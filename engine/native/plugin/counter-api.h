/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The thin layer between the counter and QEMU's TCG plugin API, which changed
 * shape twice: API 1 (QEMU 4.2 to 8.2) counts inline into any address, API 2
 * (QEMU 9.0) only into per-vCPU scoreboards, API 3 (QEMU 9.1) hands out
 * instruction bytes by copy. Debian ships no plugin header, so each api-vN.c
 * declares by hand the few functions it uses, from include/qemu/qemu-plugin.h
 * of the QEMU releases named there. Only one vCPU is ever counted.
 */
#ifndef KBL_COUNTER_API_H
#define KBL_COUNTER_API_H

#include <stddef.h>
#include <stdint.h>

#define KBL_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* The same in every API version so far. */
typedef struct qemu_info_t {
	const char *target_name;
	struct {
		int min;
		int cur;
	} version;
	_Bool system_emulation;
	union {
		struct {
			int smp_vcpus;
			int max_vcpus;
		} system;
	};
} qemu_info_t;

enum { QEMU_PLUGIN_CB_NO_REGS = 0 };
enum { QEMU_PLUGIN_INLINE_ADD_U64 = 0 };

typedef void (*qemu_plugin_tb_trans_cb)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*qemu_plugin_vcpu_simple_cb)(qemu_plugin_id_t, unsigned int vcpu);
typedef void (*qemu_plugin_udata_cb)(unsigned int vcpu, void *udata);
typedef void (*qemu_plugin_exit_cb)(qemu_plugin_id_t, void *udata);

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, qemu_plugin_tb_trans_cb);
extern void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t, qemu_plugin_vcpu_simple_cb);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, qemu_plugin_exit_cb, void *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, qemu_plugin_udata_cb,
						   int flags, void *udata);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern void qemu_plugin_outs(const char *);

/* Provided by api-v1.c or api-v2.c. */

/* Prepares @counters counters; @api is the version QEMU offers. 0, or -1 if it is unknown here. */
int counter_api_init(unsigned int counters, const qemu_info_t *info);
/* Adds @amount to counter @index each time @insn begins to execute, inline. */
void counter_api_add(struct qemu_plugin_insn *insn, unsigned int index, uint64_t amount);
/* Current value of a counter: the inline part of it. */
uint64_t counter_api_read(unsigned int index);
/* Copies at most @size bytes of the instruction to @to; returns how many. */
size_t counter_api_bytes(const struct qemu_plugin_insn *insn, void *to, size_t size);

#endif
