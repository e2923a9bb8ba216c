/* SPDX-License-Identifier: MIT */
#ifndef RECIPE_H
#define RECIPE_H

#include "multi.h"

/*
 * Rebuilds an image from a recipe and the base's unpacked payload.
 * Reads recipe[0..recipe_size) and base[0..base_size), writes out[0..out_size)
 * and work[0..work_size), and nothing else, whatever the recipe says. out_size
 * is the image's size. The result is right only if its checksum is.
 */
int recipe_apply(const u8 *recipe, u32 recipe_size, const u8 *base, u32 base_size,
		 u8 *out, u32 out_size, u8 *work, u32 work_size);

#endif
