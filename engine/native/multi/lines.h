/* SPDX-License-Identifier: MIT */
#ifndef LINES_H
#define LINES_H

#include "multi.h"

/* Enough for any of these lines, its newline and its NUL. */
#define MULTI_LINE_SIZE 128

/*
 * Which flavour was chosen, and why; the arguments are those of multi_choose()
 * and what it returned:
 *   kbl: flavour native (default)
 *   kbl: flavour xen (kbl.flavour=)
 *   kbl: flavour xen (hypervisor XenVMMXenVMM)
 *   kbl: no flavour foo; native (default)
 */
void multi_choice_line(char *line, const struct multi *multi, u32 index, enum multi_reason reason,
		       const char *command_line, const u8 *signature);

/* Why there is no kernel to boot: `kbl: cannot boot: the directory is damaged`. */
void multi_trouble_line(char *line, int status);

#endif
