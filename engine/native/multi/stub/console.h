/* SPDX-License-Identifier: MIT */
/*
 * The first serial port, if one answers, and the screen, if it shows text.
 * Both are used as they are: who reads the port has set its speed, and the
 * kernel will set it again for console=.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "../port.h"

struct console {
	int serial;
	u16 *screen;	/* NULL when it shows no text */
	u32 columns;
	u32 lines;
	u32 x;
	u32 y;
};

void console_begin(struct console *console, const u8 *boot_params);

void console_say(struct console *console, const char *text);

/* Says why there is no kernel to boot, and halts: the last thing that happens. */
__attribute__((noreturn)) void console_halt(struct console *console, const char *line);

#endif
