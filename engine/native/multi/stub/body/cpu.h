/* SPDX-License-Identifier: MIT */
#ifndef CPU_H
#define CPU_H

#include "../../multi.h"

/* From now on an exception of the processor ends in exception_halt(), not in a reset. */
void cpu_catch_exceptions(void);

/* Whoever catches exceptions provides it. */
__attribute__((noreturn)) void exception_halt(void);

/*
 * Chooses a flavour as multi_choose() does, once for every interface that the
 * hypervisor offers, since Xen and KVM can stand behind that of Hyper-V.
 * signature gets the one it was chosen for.
 */
u32 cpu_choose(const struct multi *multi, const char *command_line,
	       u8 signature[MULTI_SIGNATURE_SIZE], enum multi_reason *reason);

#endif
