/* SPDX-License-Identifier: MIT */
/*
 * The kallsyms tables of a flavour, from those of the base and what differs.
 * Packed names, markers, sequence numbers and tokens are not stored, since they
 * follow from the list of names: docs/multi-image.md has the stream.
 *
 * Reading uses the base and the stream, writing only what reading left in the
 * work area, so that out may overwrite the base between the two. All statuses
 * are enum multi_status; nothing outside base, out and work is touched,
 * whatever the stream or the base say.
 */
#ifndef KALLSYMS_H
#define KALLSYMS_H

#include "address-map.h"
#include "multi.h"
#include "range-decoder.h"

/*
 * Reads the stage from the stream. work is 8-byte aligned and must stay as it
 * is until kallsyms_write(). map may be NULL if the encoder had none either.
 */
int kallsyms_read(struct range_decoder *rd, const struct address_map *map, const u8 *base,
		  u32 base_size, u8 *work, u32 work_size);

/* Writes the tables; other bytes of out are left as they are. */
int kallsyms_write(u8 *work, u8 *out, u32 out_size);

/* Both at once. */
int kallsyms_rebuild(struct range_decoder *rd, const struct address_map *map, const u8 *base,
		     u32 base_size, u8 *out, u32 out_size, u8 *work, u32 work_size);

#endif
