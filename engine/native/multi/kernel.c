/* SPDX-License-Identifier: MIT */
/*
 * The multi-image inside the kernel's own decompressor: included by
 * arch/x86/boot/compressed/misc.c behind the codec, it puts multi_decompress()
 * in the place of __decompress(). What misc.c then finds at `output` is the
 * chosen kernel, as if it alone had been compressed, so that KASLR, the EFI
 * stub and paging stay as they are.
 *
 * piggy.S is generated with it: output_len is room for any flavour and the base
 * behind it; the directory and its recipes follow the payload; work memory is
 * part of .pgtable, behind everything that is loaded. Where the kernel unpacks in
 * place, output overwrites the payload's memory as it always does, but never
 * before it is read; directory and recipes lie behind it.
 *
 * This folder's rules hold: nothing is relocated, so no static pointers; inb()
 * and outb() are pointers that the EFI stub does not set; no SSE; error() is
 * silent without an early console.
 */
#include "checksum.c"
#include "range-decoder.c"
#include "predict.c"
#include "huffman.c"
#include "bytes.c"

/* What runs once, or seldom, is stored in every multi-image too: small, then. */
#pragma GCC push_options
#pragma GCC optimize ("Os")
#include "directory.c"
#include "lines.c"
#include "layout.c"
#include "coding.c"
#include "copies.c"
#include "address-map.c"
#include "tables.c"
#include "kallsyms.c"
#include "recipe.c"

/* cmdline.c */
extern unsigned long get_cmd_line_ptr(void);

/* piggy.S */
extern u8 multi_data[], multi_data_end[];
extern u8 multi_work[], multi_work_end[];

#ifdef CONFIG_EFI_STUB
/* drivers/firmware/efi/libstub: set while the firmware serves the stub, else NULL */
extern const void *efi_system_table;
void efi_puts(const char *str);
#endif

enum {
	MULTI_COM1 = 0x3f8,
	MULTI_COM1_STATUS = MULTI_COM1 + 5,
	MULTI_COM1_READY = 0x20,
	MULTI_COM1_ABSENT = 0xff,	/* what a bus reads when nobody answers */
	MULTI_COM1_PATIENCE = 0xffff,
};

static u8 multi_inb(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static void multi_outb(u8 value, u16 port)
{
	asm volatile("outb %0, %1" : : "a" (value), "Nd" (port));
}

/*
 * Writes to the first serial port, at whatever speed it is set to: who wants
 * to read it has set it, and the kernel's console= will set it again.
 */
static void multi_serial(const char *s)
{
	char last = 0;
	u32 waited;

	if (multi_inb(MULTI_COM1_STATUS) == MULTI_COM1_ABSENT)
		return;
	while (*s) {
		for (waited = 0; !(multi_inb(MULTI_COM1_STATUS) & MULTI_COM1_READY); waited++)
			if (waited == MULTI_COM1_PATIENCE)
				return;
		if (*s == '\n' && last != '\r')
			last = '\r';
		else
			last = *s++;
		multi_outb(last, MULTI_COM1);
	}
}

/*
 * Says something where it will be read: on the firmware's console while there
 * is firmware, which carries it to a serial port if it is set up so; else on
 * the serial port and the screen, whether there is an early console or not.
 */
static void multi_say(const char *s)
{
#ifdef CONFIG_EFI_STUB
	if (efi_system_table) {
		efi_puts(s);
		return;
	}
#endif
	if (early_serial_base != MULTI_COM1)
		multi_serial(s);
	__putstr(s);
}

/* The hypervisor's signature; 0 on bare hardware. */
static int multi_hypervisor(u8 signature[MULTI_SIGNATURE_SIZE])
{
	u32 eax, ebx, ecx, edx;

	asm volatile("cpuid" : "=a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx) : "a" (1), "c" (0));
	if (!(ecx >> 31))
		return 0;
	asm volatile("cpuid" : "=a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx)
		     : "a" (0x40000000), "c" (0));
	multi_put32(signature, ebx);
	multi_put32(signature + 4, ecx);
	multi_put32(signature + 8, edx);
	return 1;
}

static u32 multi_choose_and_say(const struct multi *multi)
{
	const char *command_line = (const char *)get_cmd_line_ptr();
	u8 signature[MULTI_SIGNATURE_SIZE];
	int virtual = multi_hypervisor(signature);
	char line[MULTI_LINE_SIZE];
	enum multi_reason reason;
	u32 index;

	index = multi_choose(multi, command_line, virtual ? signature : NULL, &reason);
	multi_choice_line(line, multi, index, reason, command_line, signature);
	multi_say(line);
	return index;
}

/* What the codec says when it fails; it then returns, unlike with error(). */
static void multi_codec_error(char *message)
{
	multi_say("kbl: ");
	multi_say(message);
	multi_say("\n");
}

/*
 * Unpacks the base behind the place where the flavour is then rebuilt from it,
 * or right there if it is the flavour.
 */
static int multi_unpack(const struct multi *multi, u32 index, u8 *payload, long payload_size,
			u8 *output, u32 output_size)
{
	struct multi_flavour base, flavour;
	u32 distance = 0;
	int status;

	multi_flavour(multi, multi->base, &base);
	multi_flavour(multi, index, &flavour);
	if (index != multi->base)
		distance = flavour.distance;
	if (distance > output_size || base.image_size > output_size - distance)
		return MULTI_ROOM;
	if (__decompress(payload, payload_size, NULL, NULL, output + distance, base.image_size,
			 NULL, multi_codec_error) < 0)
		return MULTI_BASE;
	status = multi_rebuild(multi, index, output + distance, base.image_size,
			       output, output_size, multi_work, multi_work_end - multi_work);
	if (status != MULTI_OK)
		return status;
	/* handle_relocations() reads backwards from the end of all the room there is. */
	memmove(output + output_size - flavour.tail_size,
		output + flavour.image_size - flavour.tail_size, flavour.tail_size);
	return MULTI_OK;
}

static int multi_decompress(unsigned char *payload, long payload_size,
			    long (*fill)(void *, unsigned long),
			    long (*flush)(void *, unsigned long), unsigned char *output,
			    long output_size, long *position, void (*error)(char *))
{
	char line[MULTI_LINE_SIZE];
	struct multi multi;
	int status;

	status = multi_open(&multi, multi_data, multi_data_end - multi_data);
	if (status == MULTI_OK)
		status = multi_unpack(&multi, multi_choose_and_say(&multi), payload, payload_size,
				      output, output_size);
	if (status == MULTI_OK)
		return 0;
	multi_trouble_line(line, status);
	multi_say(line);
	multi_say(" -- System halted\n");
	for (;;)
		asm volatile("hlt");
}

#pragma GCC pop_options
