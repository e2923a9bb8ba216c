/* SPDX-License-Identifier: MIT */
#include "multi.h"
#include "recipe.h"

/* Offsets in the directory; docs/multi-image.md. */
enum {
	HEADER_SIZE = 64,
	FLAVOUR_SIZE = 128,
	RULE_SIZE = 16,
	MOST_FLAVOURS = 16,
	MOST_RULES = 64,

	AT_VERSION = 8,
	AT_FLAVOURS = 10,
	AT_RULES = 12,
	AT_BASE_FLAVOUR = 14,
	AT_DEFAULT_FLAVOUR = 16,
	AT_DIRECTORY_SIZE = 20,
	AT_SIZE = 24,
	AT_CHECKSUM = 32,

	IN_NAME = 0,
	IN_RECIPE_OFFSET = 16,
	IN_RECIPE_SIZE = 20,
	IN_IMAGE_SIZE = 24,
	IN_TAIL_SIZE = 28,
	IN_WORK_SIZE = 32,
	IN_MEMORY_SIZE = 36,
	IN_CHECKSUM = 40,
	IN_DISTANCE = 56,
};

static const u8 *flavour_at(const struct multi *multi, u32 index)
{
	return multi->at + HEADER_SIZE + index * FLAVOUR_SIZE;
}

static const u8 *rule_at(const struct multi *multi, u32 index)
{
	return flavour_at(multi, multi->flavours) + index * RULE_SIZE;
}

/* A printable name that ends within its field, as kbl.flavour= can give it. */
static int name_is_sound(const u8 *name)
{
	u32 i;

	for (i = 0; i < MULTI_NAME_SIZE && name[i] > ' ' && name[i] < 0x7f; i++)
		;
	return i > 0 && i < MULTI_NAME_SIZE && name[i] == 0;
}

static int flavour_is_sound(const struct multi *multi, u32 index, u32 directory_size)
{
	struct multi_flavour f;

	if (!name_is_sound(flavour_at(multi, index)))
		return 0;
	multi_flavour(multi, index, &f);
	if (f.tail_size > f.image_size)
		return 0;
	if (index == multi->base)
		return f.recipe_size == 0;
	return f.recipe_size > 0 && f.recipe_offset >= directory_size &&
	       f.recipe_offset <= multi->size && f.recipe_size <= multi->size - f.recipe_offset;
}

/* The checksum of the directory is taken with its own field zero. */
static u64 directory_checksum(const u8 *at, u32 directory_size)
{
	u8 copy[HEADER_SIZE + MOST_FLAVOURS * FLAVOUR_SIZE + MOST_RULES * RULE_SIZE];

	memcpy(copy, at, directory_size);
	memset(copy + AT_CHECKSUM, 0, 8);
	return multi_checksum(copy, directory_size);
}

int multi_open(struct multi *multi, const void *at, u32 size)
{
	u32 directory_size, i;

	multi->at = at;
	if (size < HEADER_SIZE || memcmp(at, "KBLMULTI", 8))
		return MULTI_NOT_MULTI;
	if (multi_get16(multi->at + AT_VERSION) != MULTI_VERSION)
		return MULTI_VERSION_UNKNOWN;
	multi->flavours = multi_get16(multi->at + AT_FLAVOURS);
	multi->rules = multi_get16(multi->at + AT_RULES);
	multi->base = multi_get16(multi->at + AT_BASE_FLAVOUR);
	multi->fallback = multi_get16(multi->at + AT_DEFAULT_FLAVOUR);
	multi->size = multi_get32(multi->at + AT_SIZE);
	directory_size = multi_get32(multi->at + AT_DIRECTORY_SIZE);
	if (multi->flavours > MOST_FLAVOURS || multi->rules > MOST_RULES ||
	    directory_size != HEADER_SIZE + multi->flavours * FLAVOUR_SIZE +
			      multi->rules * RULE_SIZE ||
	    directory_size > size || multi->size > size || multi->size < directory_size ||
	    multi->base >= multi->flavours || multi->fallback >= multi->flavours)
		return MULTI_DIRECTORY;
	if (directory_checksum(multi->at, directory_size) != multi_get64(multi->at + AT_CHECKSUM))
		return MULTI_DIRECTORY;
	for (i = 0; i < multi->flavours; i++)
		if (!flavour_is_sound(multi, i, directory_size))
			return MULTI_DIRECTORY;
	for (i = 0; i < multi->rules; i++)
		if (multi_get16(rule_at(multi, i) + MULTI_SIGNATURE_SIZE) >= multi->flavours)
			return MULTI_DIRECTORY;
	return MULTI_OK;
}

void multi_flavour(const struct multi *multi, u32 index, struct multi_flavour *flavour)
{
	const u8 *at = flavour_at(multi, index);

	memcpy(flavour->name, at + IN_NAME, MULTI_NAME_SIZE);
	flavour->recipe_offset = multi_get32(at + IN_RECIPE_OFFSET);
	flavour->recipe_size = multi_get32(at + IN_RECIPE_SIZE);
	flavour->image_size = multi_get32(at + IN_IMAGE_SIZE);
	flavour->tail_size = multi_get32(at + IN_TAIL_SIZE);
	flavour->work_size = multi_get32(at + IN_WORK_SIZE);
	flavour->memory_size = multi_get32(at + IN_MEMORY_SIZE);
	flavour->checksum = multi_get64(at + IN_CHECKSUM);
	flavour->distance = multi_get32(at + IN_DISTANCE);
}

/* The length of the option's name if the word at p is kbl.flavour=..., else 0. */
static u32 option_length(const char *p)
{
	static const char option[] = "kbl.flavour=";
	u32 i;

	for (i = 0; option[i]; i++)
		if (p[i] != option[i])
			return 0;
	return i;
}

/* Does the word at p, which ends at a blank or NUL, equal the name? */
static int word_is(const char *p, const u8 *name)
{
	for (; *name; p++, name++)
		if (*p != (char)*name)
			return 0;
	return *p == 0 || *p == ' ' || *p == '\t' || *p == '\n';
}

const char *multi_wanted(const char *line)
{
	const char *value = 0;
	int in_word = 0, in_quotes = 0;
	u32 length;

	for (; *line; line++) {
		if (*line == '"')
			in_quotes = !in_quotes;
		if (!in_quotes && (*line == ' ' || *line == '\t' || *line == '\n')) {
			in_word = 0;
			continue;
		}
		length = in_word ? 0 : option_length(line);
		if (length)
			value = line + length;
		in_word = 1;
	}
	return value;
}

u32 multi_choose(const struct multi *multi, const char *command_line, const u8 *signature,
		 enum multi_reason *reason)
{
	const char *name = command_line ? multi_wanted(command_line) : 0;
	u32 i;

	for (i = 0; name && i < multi->flavours; i++)
		if (word_is(name, flavour_at(multi, i))) {
			*reason = MULTI_BY_COMMAND_LINE;
			return i;
		}
	for (i = 0; !name && signature && i < multi->rules; i++)
		if (!memcmp(rule_at(multi, i), signature, MULTI_SIGNATURE_SIZE)) {
			*reason = MULTI_BY_HYPERVISOR;
			return multi_get16(rule_at(multi, i) + MULTI_SIGNATURE_SIZE);
		}
	*reason = name ? MULTI_UNKNOWN_NAME : MULTI_BY_DEFAULT;
	return multi->fallback;
}

/*
 * What is wrong when rebuilding failed: a damaged base misleads the recipe. It
 * cannot be told once the base was overwritten.
 */
static int base_is_damaged(const struct multi *multi, const u8 *base, u32 base_size, const u8 *out,
			   u32 out_size)
{
	struct multi_flavour f;

	multi_flavour(multi, multi->base, &f);
	if (base != out && base < out + out_size && out < base + base_size)
		return 0;
	return f.image_size != base_size || multi_checksum(base, base_size) != f.checksum;
}

int multi_rebuild(const struct multi *multi, u32 index, const void *base, u32 base_size,
		  void *out, u32 out_size, void *work, u32 work_size)
{
	struct multi_flavour f;
	int status = MULTI_OK;

	multi_flavour(multi, index, &f);
	if (f.image_size > out_size)
		return MULTI_ROOM;
	if (index == multi->base) {
		if (f.image_size != base_size)
			return MULTI_BASE;
		if (out != base)
			memmove(out, base, base_size);
	} else {
		if (f.work_size > work_size)
			return MULTI_ROOM;
		status = recipe_apply(multi->at + f.recipe_offset, f.recipe_size, base, base_size,
				      out, f.image_size, work, f.work_size);
	}
	if (status == MULTI_OK && multi_checksum(out, f.image_size) != f.checksum)
		status = MULTI_CHECKSUM;
	if (status != MULTI_OK && base_is_damaged(multi, base, base_size, out, f.image_size))
		return MULTI_BASE;
	return status;
}
