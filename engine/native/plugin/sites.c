/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counts the executions of chosen instructions, each with a counter of its own.
 *
 * The list, little-endian u64: "KBLSLIST", number of sites, then for each its guest
 * virtual address, ascending, no two equal, and 1 if it is watched, else 0.
 *
 * The counts: a 32-byte header, then one record a marker (counter.c), all
 * little-endian u64. Before the first marker, while the kernel boots, there is also
 * one each time a watched site is about to be executed, MAX_WATCHED times at most:
 * a load that was executed before the last store of its variable shows so.
 * A record has only the sites that were executed since the
 * record before it: a few dozens of some thousands, which is what makes it
 * possible to keep every iteration.
 *   header  "KBLSCNTS", version (1), number of sites, 0
 *   record  code (of a watched site 0x10000 + its index), n,
 *           then n times: index in the list, executions
 * Once the file has MAX_PAIRS sites in it no more records are written, so that
 * a guest cannot fill the disk; a file that was cut off so has no record with
 * the code 0xffff.
 */
#include "sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SITES (1u << 20)
#define MAX_PAIRS (32u << 20)
#define MAX_WATCHED 256
#define CODE_WATCHED 0x10000u

static FILE *out;
static uint64_t *address_of;
static uint64_t *written; /* what the records so far add up to */
static uint16_t *to_watch; /* how many more executions of a site have records */
static int booting = 1;
static uint64_t *pairs;
static unsigned int number, first;
static uint64_t pairs_left = MAX_PAIRS;

static int read_list(FILE *list)
{
	uint64_t head[2], entry[2], magic;

	memcpy(&magic, "KBLSLIST", sizeof(magic));
	if (fread(head, sizeof(head), 1, list) != 1 || head[0] != magic || !head[1] ||
	    head[1] > MAX_SITES)
		return -1;
	number = head[1];
	address_of = calloc(number, sizeof(*address_of));
	written = calloc(number, sizeof(*written));
	pairs = calloc(number, 2 * sizeof(*pairs));
	to_watch = calloc(number, sizeof(*to_watch));
	if (!address_of || !written || !pairs || !to_watch)
		return -1;
	for (unsigned int i = 0; i < number; i++) {
		if (fread(entry, sizeof(entry), 1, list) != 1 || entry[1] > 1 ||
		    (i && entry[0] <= address_of[i - 1]))
			return -1;
		address_of[i] = entry[0];
		to_watch[i] = entry[1] ? MAX_WATCHED : 0;
	}
	return 0;
}

static void put(const uint64_t *words, size_t n)
{
	if (fwrite(words, sizeof(*words), n, out) != n) {
		fputs("kbl-counter: cannot write the counts of sites\n", stderr);
		exit(1);
	}
}

int sites_open(const char *list_name, const char *counts, unsigned int first_counter)
{
	FILE *list = fopen(list_name, "rb");
	int trouble;

	if (!list)
		return -1;
	trouble = read_list(list);
	fclose(list);
	if (trouble || !(out = fopen(counts, "wb")))
		return -1;
	first = first_counter;

	uint64_t header[4] = { 0, 1, number, 0 };
	memcpy(header, "KBLSCNTS", sizeof(header[0]));
	put(header, 4);
	return 0;
}

unsigned int sites_number(void)
{
	return number;
}

static void record(uint64_t code)
{
	uint64_t head[2] = { code, 0 };

	if (!out)
		return;
	for (unsigned int i = 0; i < number; i++) {
		uint64_t now = counter_api_read(first + i);

		if (now == written[i])
			continue;
		pairs[2 * head[1]] = i;
		pairs[2 * head[1] + 1] = now - written[i];
		head[1]++;
		written[i] = now;
	}
	/* A record counts as a pair: one without sites takes room too. */
	if (pairs_left < head[1] + 1) {
		pairs_left = 0;
		return;
	}
	pairs_left -= head[1] + 1;
	put(head, 2);
	put(pairs, 2 * head[1]);
}

static void on_watched(unsigned int vcpu, void *index)
{
	uintptr_t i = (uintptr_t)index;

	(void)vcpu;
	if (!booting || !to_watch[i])
		return;
	to_watch[i]--;
	record(CODE_WATCHED + i);
}

void sites_on_translate(struct qemu_plugin_insn *insn, uint64_t address)
{
	unsigned int low = 0, high = number;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (address_of[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == number || address_of[low] != address)
		return;
	if (booting && to_watch[low])
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_watched, QEMU_PLUGIN_CB_NO_REGS,
						       (void *)(uintptr_t)low);
	counter_api_add(insn, first + low, 1);
}

void sites_record(uint64_t code)
{
	booting = 0;
	record(code);
}

void sites_end(uint64_t code)
{
	if (!out)
		return;
	sites_record(code);
	fclose(out);
}
