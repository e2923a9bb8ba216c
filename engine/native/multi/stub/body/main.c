/* SPDX-License-Identifier: MIT */
/*
 * The body of the stub: finds places for the kernel and for what is needed
 * while it is rebuilt, unpacks the base, rebuilds the chosen flavour, loads its
 * segments to where it will run, and enters it.
 *
 * Rebuilding takes several times the memory that the kernel will. All of it but
 * the body's own may lie where the kernel will run, since the last step, loading,
 * needs nothing but the rebuilt image and can load it over itself.
 */
#include "../../lines.h"
#include "../boot-params.h"
#include "../console.h"
#include "../layout.h"
#include "../places.h"
#include "cpu.h"
#include "load-elf.h"
#include "unpack.h"

#define PAGE 4096u

/* start.S */
__attribute__((noreturn)) void enter_kernel(u64 entry, const u8 *boot_params);

/* What body_main() finds out, step by step. */
struct stub {
	const u8 *boot_params;
	struct stub_layout layout;
	const u8 *payload;
	const u8 *directory;
	struct places places;
	struct multi multi;
	u8 *kernel;		/* kernel_size bytes: where it will run */
	u8 *image;		/* rebuild_room bytes: where it is rebuilt */
};

static struct stub stub;
static struct console console;

static __attribute__((noreturn)) void halt(const char *why)
{
	console_say(&console, "kbl: cannot boot: ");
	console_say(&console, why);
	console_halt(&console, "\n");
}

static __attribute__((noreturn)) void halt_for_status(int status)
{
	char line[MULTI_LINE_SIZE];

	multi_trouble_line(line, status);
	console_halt(&console, line);
}

void exception_halt(void)
{
	halt("an exception of the processor");
}

/* Takes memory, from `lowest` on if there is some, else anywhere. */
static void *take(u32 lowest, u32 size)
{
	u32 at = places_find_and_take(&stub.places, lowest, size, PAGE);

	if (!at)
		at = places_find_and_take(&stub.places, LOWEST_PLACE, size, PAGE);
	if (!at)
		halt("there is too little memory");
	return (void *)(uintptr_t)at;
}

/*
 * The kernel goes where it is linked for, or above that when something of the
 * loader's lies there and the kernel can be moved. The place is not taken: what
 * follows may lie in it until the kernel is loaded.
 */
static void place_kernel(void)
{
	const struct stub_layout *layout = &stub.layout;
	u32 at = places_find(&stub.places, layout->kernel_address, layout->kernel_size,
			     layout->kernel_movable ? layout->kernel_alignment : PAGE);

	if (!at)
		halt("there is too little memory for the kernel");
	if (at != layout->kernel_address && !layout->kernel_movable)
		halt("the kernel's address is taken, and this kernel cannot be moved");
	stub.kernel = (u8 *)(uintptr_t)at;
}

/* Payload and directory, which follow each other in the file, stay where they are. */
static void keep_file(u32 load_address)
{
	u32 payload = load_address + stub.layout.payload_offset;
	u32 directory = load_address + stub.layout.directory_offset;

	places_take(&stub.places, payload, directory + stub.layout.directory_size - payload);
	stub.payload = (const u8 *)(uintptr_t)payload;
	stub.directory = (const u8 *)(uintptr_t)directory;
}

/* The command line with a NUL for sure; no longer than the kernel reads it. */
static const char *command_line(void)
{
	static char copy[COMMAND_LINE_SIZE];
	const char *line = (const char *)(uintptr_t)multi_get32(stub.boot_params + BP_CMD_LINE);

	if (!line)
		return NULL;
	memcpy(copy, line, COMMAND_LINE_SIZE - 1);
	return copy;
}

static u32 choose_and_say(void)
{
	u8 signature[MULTI_SIGNATURE_SIZE];
	char line[MULTI_LINE_SIZE];
	enum multi_reason reason;
	u32 index;

	index = cpu_choose(&stub.multi, command_line(), signature, &reason);
	multi_choice_line(line, &stub.multi, index, reason, command_line(), signature);
	console_say(&console, line);
	return index;
}

/* Is there room for the flavour, and for the base that it is rebuilt from? */
static int fits(const struct multi_flavour *flavour, const struct multi_flavour *base)
{
	u32 room = stub.layout.rebuild_room;

	return flavour->memory_size <= stub.layout.kernel_size && flavour->image_size <= room &&
	       base->image_size <= room && flavour->distance <= room - base->image_size;
}

/*
 * Unpacks the base as far behind the image's place as the recipe wants it, and
 * makes the flavour of it. When the recipe needs memory, the codec is done with
 * its own.
 */
static void rebuild(u32 index)
{
	struct multi_flavour base, flavour;
	struct heap heap = { NULL, stub.layout.heap_size, 0 };
	u8 *unpacked;
	int status;

	multi_flavour(&stub.multi, stub.multi.base, &base);
	multi_flavour(&stub.multi, index, &flavour);
	if (!fits(&flavour, &base))
		halt_for_status(MULTI_ROOM);
	/* The kernel's place itself, if it is large enough. */
	stub.image = take((u32)(uintptr_t)stub.kernel, stub.layout.rebuild_room);
	unpacked = stub.image + (index == stub.multi.base ? 0 : flavour.distance);
	if (heap.size < flavour.work_size)
		heap.size = flavour.work_size;
	heap.at = take(LOWEST_PLACE, heap.size);
	if (!unpack(stub.payload, stub.layout.payload_size, unpacked, base.image_size, &heap))
		halt_for_status(MULTI_BASE);
	status = multi_rebuild(&stub.multi, index, unpacked, base.image_size, stub.image,
			       flavour.image_size, heap.at, heap.size);
	if (status != MULTI_OK)
		halt_for_status(status);
}

static u64 load(u32 index)
{
	struct multi_flavour flavour;
	u64 linked_at, moved;
	u32 entry;

	multi_flavour(&stub.multi, index, &flavour);
	entry = load_elf(stub.image, flavour.image_size - flavour.tail_size, stub.kernel,
			 stub.layout.kernel_size, &linked_at);
	if (entry == ELF_UNUSABLE)
		halt("the rebuilt kernel is no ELF that can be loaded");
	moved = (uintptr_t)stub.kernel - linked_at;
	if (moved && (!stub.layout.kernel_movable || moved & (stub.layout.kernel_alignment - 1)))
		halt("the rebuilt kernel is linked for another address");
	return (uintptr_t)stub.kernel + entry;
}

__attribute__((noreturn)) void body_main(const u8 *boot_params, u32 load_address,
					 const struct stub_layout *layout, const u8 *body,
					 u32 memory)
{
	int status;
	u32 index;

	console_begin(&console, boot_params);
	cpu_catch_exceptions();
	stub.boot_params = boot_params;
	stub.layout = *layout;
	places_begin(&stub.places, boot_params);
	places_take(&stub.places, (uintptr_t)body, memory);
	place_kernel();
	keep_file(load_address);
	status = multi_open(&stub.multi, stub.directory, stub.layout.directory_size);
	if (status != MULTI_OK)
		halt_for_status(status);
	index = choose_and_say();
	rebuild(index);
	enter_kernel(load(index), boot_params);
}
