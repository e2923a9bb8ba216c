/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TCG plugin API 1: QEMU 4.2 to 8.2 (include/qemu/qemu-plugin.h of 7.2).
 */
#include "counter-api.h"

#include <stdlib.h>
#include <string.h>

KBL_EXPORT int qemu_plugin_version = 1;

extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *to,
						       uint64_t amount);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);

static uint64_t *values;

int counter_api_init(unsigned int counters, const qemu_info_t *info)
{
	if (info->version.min > 1)
		return -1;
	values = calloc(counters, sizeof(*values));
	return values ? 0 : -1;
}

void counter_api_add(struct qemu_plugin_insn *insn, unsigned int index, uint64_t amount)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &values[index],
						   amount);
}

uint64_t counter_api_read(unsigned int index)
{
	return values[index];
}

size_t counter_api_bytes(const struct qemu_plugin_insn *insn, void *to, size_t size)
{
	size_t have = qemu_plugin_insn_size(insn);

	if (have > size)
		have = size;
	memcpy(to, qemu_plugin_insn_data(insn), have);
	return have;
}
