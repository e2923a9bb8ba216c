/* SPDX-License-Identifier: MIT */
#ifndef LOAD_ELF_H
#define LOAD_ELF_H

#include "../../port.h"

/*
 * Loads an ELF as parse_elf() in arch/x86/boot/compressed/misc.c does: every
 * PT_LOAD segment goes as far behind the place's first byte as its p_paddr is
 * behind the lowest one.
 *
 * elf, elf_size:  the image, without relocations behind it; it may overlap the
 *                 place, and is then overwritten
 * place, room:    where it goes; nothing else is written
 * linked_at:      gets the lowest p_paddr
 * Returns the entry's offset in the place; ELF_UNUSABLE, with nothing written,
 * when the ELF is not one of x86-64 that can be loaded this way.
 */
u32 load_elf(const u8 *elf, u32 elf_size, u8 *place, u32 room, u64 *linked_at);

#define ELF_UNUSABLE 0xffffffffu

#endif
