/* SPDX-License-Identifier: MIT */
#ifndef LOAD_ELF_H
#define LOAD_ELF_H

#include "../../port.h"

/*
 * Loads the ELF that lies at the beginning of a place into that place: every
 * PT_LOAD segment goes as far from its beginning as its p_paddr is from the
 * lowest one, as parse_elf() in arch/x86/boot/compressed/misc.c does. Segments
 * move towards the beginning, so none overwrites a later one that was not moved.
 *
 * at, room:   the place; nothing outside is touched
 * elf_size:   size of the ELF, without relocations behind it
 * linked_at:  gets the lowest p_paddr
 * Returns the entry's offset in the place; ELF_UNUSABLE when the ELF is not
 * one of x86-64 that can be loaded this way.
 */
u32 load_elf(u8 *at, u32 room, u32 elf_size, u64 *linked_at);

#define ELF_UNUSABLE 0xffffffffu

#endif
