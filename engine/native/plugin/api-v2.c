/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TCG plugin API 2 and up: QEMU 9.0 and later (include/qemu/qemu-plugin.h of
 * 9.0, and of 9.1 for qemu_plugin_insn_data, which API 3 changed to a copy).
 */
#include "counter-api.h"

#include <string.h>

KBL_EXPORT int qemu_plugin_version = 2;

struct qemu_plugin_scoreboard;
typedef struct {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
} qemu_plugin_u64;

extern struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t element_size);
extern void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *, int op,
								qemu_plugin_u64 to, uint64_t amount);
extern uint64_t qemu_plugin_u64_get(qemu_plugin_u64 from, unsigned int vcpu);
extern void qemu_plugin_insn_data(void); /* of one of the two shapes below */

typedef const void *(*insn_data_v2)(const struct qemu_plugin_insn *);
typedef size_t (*insn_data_v3)(const struct qemu_plugin_insn *, void *to, size_t size);

static struct qemu_plugin_scoreboard *board;
static int api;

static qemu_plugin_u64 entry(unsigned int index)
{
	return (qemu_plugin_u64){ board, index * sizeof(uint64_t) };
}

int counter_api_init(unsigned int counters, const qemu_info_t *info)
{
	/* A min above 2 means that QEMU dropped something API 2 had: nothing to guess about. */
	if (info->version.min > 2)
		return -1;
	api = info->version.cur;
	board = qemu_plugin_scoreboard_new(counters * sizeof(uint64_t));
	return board ? 0 : -1;
}

void counter_api_add(struct qemu_plugin_insn *insn, unsigned int index, uint64_t amount)
{
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							    entry(index), amount);
}

uint64_t counter_api_read(unsigned int index)
{
	return qemu_plugin_u64_get(entry(index), 0);
}

size_t counter_api_bytes(const struct qemu_plugin_insn *insn, void *to, size_t size)
{
	void (*data)(void) = qemu_plugin_insn_data;
	size_t have = qemu_plugin_insn_size(insn);

	if (have > size)
		have = size;
	if (api >= 3)
		return ((insn_data_v3)data)(insn, to, have);
	memcpy(to, ((insn_data_v2)data)(insn), have);
	return have;
}
