/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counts how often single instructions are executed: sites.c. Without a list of
 * sites every function here does nothing.
 */
#ifndef KBL_SITES_H
#define KBL_SITES_H

#include "counter-api.h"

/*
 * Reads the list of sites and opens the file for their counts. Site i counts in counter
 * @first_counter + i. 0, or -1.
 */
int sites_open(const char *list, const char *counts, unsigned int first_counter);
/* How many sites the list has; how many counters are needed. */
unsigned int sites_number(void);
/* Makes an instruction count if it is a site. */
void sites_on_translate(struct qemu_plugin_insn *insn, uint64_t address);
/* Writes down what the sites have counted since the last record. */
void sites_record(uint64_t code);
/* The last record, and the file's end. */
void sites_end(uint64_t code);

#endif
