/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The program that fork_exec executes: it only exits.
 */
#include "system.h"

ENTRY("");

void start(void)
{
	leave(0);
}
