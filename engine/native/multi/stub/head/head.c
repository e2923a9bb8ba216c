/* SPDX-License-Identifier: MIT */
/*
 * The head of the stub, 32-bit code. It needs no memory but its own, which is
 * part of the file: it looks for free memory with room for the body, copies
 * the body there, and enters it in long mode.
 *
 * It is compiled as position independent and never relocated: no pointer may
 * stand in its data.
 */
#include "../boot-params.h"
#include "../console.h"
#include "../layout.h"
#include "../places.h"

#define PAGE 4096u
#define PRESENT_AND_WRITABLE 3u
#define LARGE_PAGE 0x80u
/* one page of level 4, one of level 3, and one of level 2 for each of 4 GB */
#define TABLES_SIZE (6 * PAGE)

/* entry.S */
__attribute__((noreturn)) void enter_body(const void *tables, u32 entry, const u8 *boot_params,
					  u32 load_address, const struct stub_layout *layout,
					  u32 memory);

static u32 aligned(u32 size)
{
	return (size + PAGE - 1) & ~(PAGE - 1);
}

/* CPUID 0x80000001 EDX bit 29: a loader may start us without having asked. */
static int has_long_mode(void)
{
	u32 a = 0x80000000, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	if (a < 0x80000001)
		return 0;
	a = 0x80000001;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return d >> 29 & 1;
}

/* Page tables that map the first 4 GB to themselves in pages of 2 MB. */
static void map_four_gigabytes(u64 *tables)
{
	u64 *level3 = tables + 512, *level2 = tables + 2 * 512;
	u32 i;

	memset(tables, 0, 2 * PAGE);
	tables[0] = (uintptr_t)level3 | PRESENT_AND_WRITABLE;
	for (i = 0; i < 4; i++)
		level3[i] = (uintptr_t)(level2 + 512 * i) | PRESENT_AND_WRITABLE;
	for (i = 0; i < 4 * 512; i++)
		level2[i] = (u64)i << 21 | LARGE_PAGE | PRESENT_AND_WRITABLE;
}

/*
 * Room for the body that will do until the kernel runs: clear of the file and
 * of the place where the kernel should go.
 */
static u32 find_room(const u8 *boot_params, u32 load_address, const struct stub_layout *layout,
		     u32 memory)
{
	struct places places;

	places_begin(&places, boot_params);
	places_take(&places, load_address, layout->loaded_size);
	places_take(&places, layout->kernel_address, layout->kernel_size);
	return places_find(&places, LOWEST_PLACE, memory, PAGE);
}

__attribute__((noreturn)) void head_main(const u8 *boot_params, u32 load_address,
					 const struct stub_layout *layout)
{
	u32 body_memory = aligned(layout->body_memory);
	u32 memory = body_memory + TABLES_SIZE;
	struct console console;
	u32 body;

	console_begin(&console, boot_params);
	if (!has_long_mode())
		console_halt(&console, "kbl: cannot boot: this processor is not x86-64\n");
	body = find_room(boot_params, load_address, layout, memory);
	if (!body)
		console_halt(&console, "kbl: cannot boot: there is too little memory\n");
	memcpy((void *)body, (const u8 *)load_address + layout->body_offset, layout->body_size);
	map_four_gigabytes((u64 *)(body + body_memory));
	enter_body((const void *)(body + body_memory), body, boot_params, load_address, layout,
		   memory);
}
