/* SPDX-License-Identifier: MIT */
/* Offsets and constants: System V ABI, chapters 4 and 5; AMD64 supplement, 4.1. */
#include "load-elf.h"

#define EHDR_SIZE 64
#define E_TYPE 16
#define E_MACHINE 18
#define E_ENTRY 24
#define E_PHOFF 32
#define E_PHENTSIZE 54
#define E_PHNUM 56

#define PHDR_SIZE 56
#define P_TYPE 0
#define P_OFFSET 8
#define P_PADDR 24
#define P_FILESZ 32
#define P_MEMSZ 40

#define ET_EXEC 2
#define ET_DYN 3
#define EM_X86_64 62
#define PT_LOAD 1

/* A kernel has four or five. */
#define MOST_SEGMENTS 16

struct segment {
	u64 offset;
	u64 address;	/* p_paddr */
	u64 file_size;
	u64 memory_size;
	/* where it lies and where it goes */
	const u8 *from;
	u8 *to;
};

static int header_is_sound(const u8 *elf, u32 elf_size)
{
	u64 table, size;

	if (elf_size < EHDR_SIZE || memcmp(elf, "\177ELF\2\1\1", 7) ||
	    multi_get16(elf + E_MACHINE) != EM_X86_64 ||
	    multi_get16(elf + E_PHENTSIZE) != PHDR_SIZE)
		return 0;
	if (multi_get16(elf + E_TYPE) != ET_EXEC && multi_get16(elf + E_TYPE) != ET_DYN)
		return 0;
	table = multi_get64(elf + E_PHOFF);
	size = (u64)multi_get16(elf + E_PHNUM) * PHDR_SIZE;
	return table <= elf_size && size <= elf_size - table;
}

/* Reads the PT_LOAD headers, which loading may overwrite; returns how many, 0 for too many. */
static u32 read_segments(const u8 *elf, struct segment *segments)
{
	const u8 *header = elf + multi_get64(elf + E_PHOFF);
	u32 left = multi_get16(elf + E_PHNUM), count = 0;

	for (; left; left--, header += PHDR_SIZE) {
		if (multi_get32(header + P_TYPE) != PT_LOAD)
			continue;
		if (count == MOST_SEGMENTS)
			return 0;
		segments[count].offset = multi_get64(header + P_OFFSET);
		segments[count].address = multi_get64(header + P_PADDR);
		segments[count].file_size = multi_get64(header + P_FILESZ);
		segments[count].memory_size = multi_get64(header + P_MEMSZ);
		count++;
	}
	return count;
}

static u64 lowest_address(const struct segment *segments, u32 count)
{
	u64 lowest = segments[0].address;
	u32 i;

	for (i = 1; i < count; i++)
		if (segments[i].address < lowest)
			lowest = segments[i].address;
	return lowest;
}

/* Within the file, and from `offset` in the room on within the room? */
static int segment_fits(const struct segment *s, u64 offset, u32 room, u32 elf_size)
{
	return s->offset <= elf_size && s->file_size <= elf_size - s->offset &&
	       s->file_size <= s->memory_size && offset <= room &&
	       s->memory_size <= room - offset;
}

/* Would moving one segment overwrite another one that is still to be moved? */
static int overwrites(const struct segment *moved, const struct segment *waiting)
{
	return moved->to < waiting->from + waiting->file_size &&
	       waiting->from < moved->to + moved->file_size;
}

/* Can they be moved in the order of the table? Or, backwards, from the last to the first? */
static int can_move(const struct segment *segments, u32 count, int backwards)
{
	u32 i, j;

	for (i = 0; i < count; i++)
		for (j = i + 1; j < count; j++)
			if (backwards ? overwrites(&segments[j], &segments[i])
				      : overwrites(&segments[i], &segments[j]))
				return 0;
	return 1;
}

static void move(const struct segment *segments, u32 count, int backwards)
{
	const struct segment *s;
	u32 i;

	for (i = 0; i < count; i++) {
		s = &segments[backwards ? count - 1 - i : i];
		memmove(s->to, s->from, s->file_size);
	}
	for (i = 0; i < count; i++) {
		s = &segments[i];
		memset(s->to + s->file_size, 0, s->memory_size - s->file_size);
	}
}

u32 load_elf(const u8 *elf, u32 elf_size, u8 *place, u32 room, u64 *linked_at)
{
	struct segment segments[MOST_SEGMENTS];
	u64 lowest, entry;
	int backwards;
	u32 count, i;

	if (!header_is_sound(elf, elf_size))
		return ELF_UNUSABLE;
	entry = multi_get64(elf + E_ENTRY);
	count = read_segments(elf, segments);
	if (count == 0)
		return ELF_UNUSABLE;
	lowest = lowest_address(segments, count);
	if (entry < lowest || entry - lowest >= room)
		return ELF_UNUSABLE;
	for (i = 0; i < count; i++) {
		if (!segment_fits(&segments[i], segments[i].address - lowest, room, elf_size))
			return ELF_UNUSABLE;
		segments[i].from = elf + segments[i].offset;
		segments[i].to = place + (segments[i].address - lowest);
	}
	backwards = !can_move(segments, count, 0);
	if (backwards && !can_move(segments, count, 1))
		return ELF_UNUSABLE;
	move(segments, count, backwards);
	*linked_at = lowest;
	return (u32)(entry - lowest);
}
