/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Privilege domains, told apart by the address an instruction was fetched from:
 *   below 0x0000800000000000            user (firmware and boot code before /init)
 *   0xffff800000000000 to ...87ff...    hypervisor: Xen reserves PML4 slots 256 to 271
 *                                       (xen/arch/x86/include/asm/config.h)
 *   anything else                       kernel
 */
#ifndef KBL_DOMAIN_H
#define KBL_DOMAIN_H

#include <stdint.h>

enum domain { USER, KERNEL, HYPERVISOR, DOMAINS };

static inline enum domain domain_of(uint64_t address)
{
	if (address < 0x0000800000000000u)
		return USER;
	if (address >= 0xffff800000000000u && address < 0xffff880000000000u)
		return HYPERVISOR;
	return KERNEL;
}

#endif
