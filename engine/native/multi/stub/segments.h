/* SPDX-License-Identifier: MIT */
/* Selectors as the boot protocol and the kernel have them, and bits of control registers. */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#define CODE32 0x08
#define CODE64 0x10
#define DATA 0x18

#define DESCRIPTOR_CODE32 0x00cf9a000000ffff
#define DESCRIPTOR_CODE64 0x00af9a000000ffff
#define DESCRIPTOR_DATA 0x00cf92000000ffff

#define CR0_PE 0x00000001
#define CR0_MP 0x00000002
#define CR0_EM 0x00000004
#define CR0_TS 0x00000008
#define CR0_ET 0x00000010
#define CR0_NE 0x00000020
#define CR0_PG 0x80000000

#define CR4_PAE 0x0020
#define CR4_OSFXSR 0x0200
#define CR4_OSXMMEXCPT 0x0400
#define CR4_PCIDE 0x00020000

#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define MSR_FS_BASE 0xc0000100

#endif
