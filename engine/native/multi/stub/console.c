/* SPDX-License-Identifier: MIT */
#include "boot-params.h"
#include "console.h"

/* 16550 UART: ports from its base, bits of the line status */
#define COM1 0x3f8
#define LINE_STATUS (COM1 + 5)
#define SCRATCH (COM1 + 7)
#define READY_TO_SEND 0x20
/* Longer than a letter takes at 300 baud, and no boot waits for it more than once. */
#define PATIENCE 0x100000

/* screen_info: the video type of a VGA in text mode, and the mode of a monochrome one */
#define VIDEO_TYPE_VGA 1
#define MONOCHROME_MODE 7
#define COLOUR_TEXT 0xb8000
#define MONOCHROME_TEXT 0xb0000
#define GREY_ON_BLACK 0x0700

static inline u8 in(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out(u8 value, u16 port)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

/* A UART keeps what is written to its scratch register; an empty bus does not. */
static int serial_answers(void)
{
	out(0x5a, SCRATCH);
	if (in(SCRATCH) != 0x5a)
		return 0;
	out(0xa5, SCRATCH);
	return in(SCRATCH) == 0xa5;
}

void console_begin(struct console *console, const u8 *boot_params)
{
	u8 mode = boot_params[BP_VIDEO_MODE];

	console->serial = serial_answers();
	console->columns = boot_params[BP_VIDEO_COLUMNS];
	console->lines = boot_params[BP_VIDEO_LINES];
	console->x = boot_params[BP_CURSOR_X];
	console->y = boot_params[BP_CURSOR_Y];
	console->screen = NULL;
	if (boot_params[BP_VIDEO_TYPE] == VIDEO_TYPE_VGA && console->columns && console->lines)
		console->screen = (u16 *)(uintptr_t)(mode == MONOCHROME_MODE ? MONOCHROME_TEXT
									     : COLOUR_TEXT);
}

static void send(struct console *console, char letter)
{
	u32 waited;

	for (waited = 0; !(in(LINE_STATUS) & READY_TO_SEND); waited++)
		if (waited == PATIENCE) {
			console->serial = 0;
			return;
		}
	out((u8)letter, COM1);
}

static void scroll(struct console *console)
{
	u32 cells = console->columns * (console->lines - 1), i;

	for (i = 0; i < cells; i++)
		console->screen[i] = console->screen[i + console->columns];
	for (i = 0; i < console->columns; i++)
		console->screen[cells + i] = GREY_ON_BLACK | ' ';
	console->y = console->lines - 1;
}

static void show(struct console *console, char letter)
{
	if (letter == '\n' || console->x >= console->columns) {
		console->x = 0;
		console->y++;
	}
	if (console->y >= console->lines)
		scroll(console);
	if (letter != '\n')
		console->screen[console->y * console->columns + console->x++] =
			GREY_ON_BLACK | (u8)letter;
}

void console_say(struct console *console, const char *text)
{
	for (; *text; text++) {
		if (console->serial && *text == '\n')
			send(console, '\r');
		if (console->serial)
			send(console, *text);
		if (console->screen)
			show(console, *text);
	}
}

void console_halt(struct console *console, const char *line)
{
	console_say(console, line);
	/* The words by which the kernel's decompressor ends, for those who watch for them. */
	console_say(console, " -- System halted\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}
