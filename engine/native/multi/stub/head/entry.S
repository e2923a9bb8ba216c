/* SPDX-License-Identifier: MIT */
/*
 * The first bytes of the protected-mode code, linked for address 0 and run
 * wherever the loader put them. The boot protocol (Documentation/x86/boot.rst)
 * has a 32-bit entry at 0 and a 64-bit entry at 0x200. The latter goes back to
 * 32-bit mode: the setup header does not say that the file may be loaded above
 * 4 GB, so both can go the same way, and it does not matter how many levels
 * the loader's page tables have.
 *
 * Both have %esi pointing at boot_params and interrupts off.
 */
#include "../boot-params.h"
#include "../layout.h"
#include "../segments.h"

/* In the file, so as small as it may be: half of it is struct places. */
#define STACK_SIZE 2048

	.section .entry, "ax"
	.code32
	.globl entry32
entry32:
	cld
	cli
	/* No stack is promised, but four bytes to find out where we are. */
	leal	BP_SCRATCH + 4(%esi), %esp
	call	1f
1:	popl	%ebp
	subl	$1b, %ebp

	leal	gdt(%ebp), %eax
	movl	%eax, gdt_pointer + 2(%ebp)
	lgdt	gdt_pointer(%ebp)
in_32_bits:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs

	/* head_main(boot_params, load_address, layout) */
	leal	stack_end(%ebp), %esp
	leal	stub_layout(%ebp), %eax
	subl	$4, %esp
	pushl	%eax
	pushl	%ebp
	pushl	%esi
	call	head_main

	.org	0x200
	.code64
entry64:
	cld
	cli
	leaq	entry32(%rip), %rbp
	leaq	stack_end(%rip), %rsp
	leaq	gdt(%rip), %rax
	movl	%eax, gdt_pointer + 2(%rip)
	lgdt	gdt_pointer(%rip)
	leaq	leave_long_mode(%rip), %rax
	pushq	$CODE32
	pushq	%rax
	lretq

	.code32
leave_long_mode:
	/* A PCID in use does not let paging be switched off. */
	movl	%cr4, %eax
	andl	$~CR4_PCIDE, %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_LME, %eax
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %cr4
	jmp	in_32_bits

/*
 * void enter_body(tables, entry, boot_params, load_address, layout, memory);
 * Switches to long mode with these page tables and goes on at entry, with the
 * others in %edi, %esi, %edx and %ecx. The upper halves are undefined.
 */
	.text
	.globl enter_body
enter_body:
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	4(%esp), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	8(%esp), %eax
	movl	12(%esp), %edi
	movl	16(%esp), %esi
	movl	20(%esp), %edx
	movl	24(%esp), %ecx
	pushl	$CODE64
	pushl	%eax
	movl	$(CR0_PG | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl	%eax, %cr0
	lret

	.data
	.balign	8
gdt:
	.quad	0
	.quad	DESCRIPTOR_CODE32
	.quad	DESCRIPTOR_CODE64
	.quad	DESCRIPTOR_DATA
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	0		/* filled in: where the table is */
	.long	0

/* Documentation/x86/boot.rst, "The kernel_info"; what is 0 here is copied from a flavour. */
	.balign	4
	.globl kernel_info
kernel_info:
	.ascii	"LToP"
	.long	kernel_info_end - kernel_info
	.long	kernel_info_end - kernel_info
	.globl kernel_info_setup_type_max
kernel_info_setup_type_max:
	.long	0
kernel_info_end:

	.balign	4
	.globl stub_layout
stub_layout:
	.skip	STUB_LAYOUT_SIZE

	.balign	16
	.skip	STACK_SIZE
stack_end:
