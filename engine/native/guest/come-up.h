/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every /init of the lab does first.
 */
#ifndef KBL_COME_UP_H
#define KBL_COME_UP_H

#include "system.h"

#define O_RDWR 2

static void mount(const char *type, const char *where)
{
	call3(SYS_mkdir, P(where), 0755, 0);
	call6(SYS_mount, P(type), P(where), P(type), 0, 0, 0);
}

/* Standard streams on /dev/console: the kernel opened it only if the initramfs had the node. */
static void open_console(void)
{
	long fd = call3(SYS_open, P("/dev/console"), O_RDWR, 0);

	for (int to = 0; fd >= 0 && to < 3; to++)
		if (fd != to)
			call3(SYS_dup2, fd, to, 0);
}

static void come_up(void)
{
	mount("proc", "/proc");
	mount("sysfs", "/sys");
	mount("devtmpfs", "/dev");
	mount("tmpfs", "/tmp");
	open_console();
	print("KBL-INIT\n");
}

#endif
