/* SPDX-License-Identifier: MIT */
/*
 * Reading a multi-image: one compressed kernel, the base, from which the other
 * flavours are rebuilt. docs/multi-image.md has the format byte by byte.
 *
 * Nothing here allocates, prints, or touches memory it was not given, and no
 * function believes a size or an offset of the file before comparing it with
 * the size of what it was given. Statuses are enum multi_status.
 */
#ifndef MULTI_H
#define MULTI_H

#include "port.h"

#define MULTI_VERSION 1
#define MULTI_NAME_SIZE 16
#define MULTI_SIGNATURE_SIZE 12

enum multi_status {
	MULTI_OK,
	MULTI_NOT_MULTI,	/* no directory here */
	MULTI_VERSION_UNKNOWN,	/* made by a later version */
	MULTI_DIRECTORY,	/* directory: sizes, offsets or checksum */
	MULTI_BASE,		/* the base payload is not the one it was made for */
	MULTI_ROOM,		/* output or work area too small */
	MULTI_RECIPE,		/* recipe, or a base that was overwritten, damaged */
	MULTI_CHECKSUM,		/* rebuilt, but not the right bytes */
	MULTI_STATUSES
};

/* Why a flavour was chosen. */
enum multi_reason {
	MULTI_BY_DEFAULT,
	MULTI_BY_COMMAND_LINE,		/* kbl.flavour=NAME */
	MULTI_BY_HYPERVISOR,		/* CPUID signature and a rule of the directory */
	MULTI_UNKNOWN_NAME,		/* kbl.flavour= names none: by default instead */
	MULTI_REASONS
};

struct multi_flavour {
	char name[MULTI_NAME_SIZE];	/* ends with NUL */
	u32 recipe_offset;	/* from the directory's first byte */
	u32 recipe_size;	/* 0: this is the base, its payload is the image */
	u32 image_size;		/* the unpacked payload: ELF, then relocations */
	u32 tail_size;		/* of that, the relocations behind the ELF */
	u32 work_size;		/* scratch memory that rebuilding needs */
	u32 memory_size;	/* first to last byte of the loaded segments, .bss too */
	u64 checksum;		/* multi_checksum() of the image */
	u32 distance;		/* from the image to a base that it may overwrite */
};

struct multi {
	const u8 *at;		/* the directory's first byte */
	u32 size;		/* directory and recipes */
	u32 flavours;
	u32 rules;
	u32 base;		/* index of the flavour that is stored whole */
	u32 fallback;		/* index of the flavour used when nothing decides */
};

/* Opens a directory; size is how many bytes may be read there. */
int multi_open(struct multi *multi, const void *at, u32 size);

/* Reads a flavour; index < multi->flavours. */
void multi_flavour(const struct multi *multi, u32 index, struct multi_flavour *flavour);

/*
 * Chooses a flavour: kbl.flavour= on the command line (NUL-terminated or NULL),
 * else the hypervisor's signature (CPUID leaf 0x40000000 EBX ECX EDX, or NULL)
 * by the rules of the directory, else the default. Returns its index.
 */
u32 multi_choose(const struct multi *multi, const char *command_line, const u8 *signature,
		 enum multi_reason *reason);

/* The value of the last kbl.flavour= on a command line, up to a blank; NULL when there is none. */
const char *multi_wanted(const char *command_line);

/*
 * Rebuilds a flavour and compares its checksum.
 * base, base_size: the base's payload, unpacked
 * out, out_size:   where the image goes; image_size bytes are written
 * work, work_size: scratch, 8-byte aligned
 * The base may lie `distance` bytes or more behind out, which then overwrites
 * it while it is read; else the three must not overlap.
 * For the base itself it only copies and compares (out may be base).
 */
int multi_rebuild(const struct multi *multi, u32 index, const void *base, u32 base_size,
		  void *out, u32 out_size, void *work, u32 work_size);

/* Of the whole; see checksum.c. */
u64 multi_checksum(const void *at, u32 size);

#endif
