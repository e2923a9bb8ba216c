/* SPDX-License-Identifier: MIT */
/*
 * The kallsyms stage on the host: rebuilds the tables of a flavour in an image
 * that is otherwise full of 0xee.
 *
 *     kallsyms-host STREAM BASE OUT OUT-SIZE WORK-SIZE SHIFT
 *
 * The map of addresses adds SHIFT, or is missing if that is "none". Prints the
 * status and whether the stream was read beyond its end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kallsyms.h"

/* The bytes of a file, in memory of its own so that a sanitizer notices who reads beyond. */
static u8 *slurp(const char *path, u32 *size)
{
	FILE *file = fopen(path, "rb");
	u8 *bytes;

	if (!file || fseek(file, 0, SEEK_END))
		exit(2);
	*size = (u32)ftell(file);
	rewind(file);
	bytes = malloc(*size);
	if (fread(bytes, 1, *size, file) != *size)
		exit(2);
	fclose(file);
	return bytes;
}

int main(int count, char **arguments)
{
	static u32 blocks[MAP_BLOCKS];
	u32 stream_size, base_size, out_size, work_size;
	struct breakpoint point = { 0, 0 };
	struct address_map map = { &point, 1, 0, blocks };
	struct range_decoder rd;
	u8 *stream, *base, *out, *work;
	FILE *file;
	int status;

	if (count != 7)
		return 2;
	stream = slurp(arguments[1], &stream_size);
	base = slurp(arguments[2], &base_size);
	out_size = (u32)strtoul(arguments[4], NULL, 0);
	work_size = (u32)strtoul(arguments[5], NULL, 0);
	point.shift = (u32)strtoul(arguments[6], NULL, 0);
	out = malloc(out_size);
	work = malloc(work_size);
	memset(out, 0xee, out_size);
	rd_start(&rd, stream, stream + stream_size);
	status = kallsyms_rebuild(&rd, strcmp(arguments[6], "none") ? &map : NULL, base, base_size,
				  out, out_size, work, work_size);
	file = fopen(arguments[3], "wb");
	if (!file || fwrite(out, 1, out_size, file) != out_size || fclose(file))
		return 2;
	free(stream);
	free(base);
	free(out);
	free(work);
	printf("%d %u\n", status, rd.overrun);
	return 0;
}
