/* SPDX-License-Identifier: MIT */
/*
 * The body's entry, in long mode at whatever address the head chose, with
 * boot_params in %edi, the file's load address in %esi, its layout in %edx and
 * the size of the body's memory in %ecx.
 */
#include "../segments.h"

#define STACK_SIZE 0x10000
#define R_X86_64_RELATIVE 8
#define RELA_SIZE 24

	.section .entry, "ax"
	.globl body_start
body_start:
	/* What was above 32 bits is not defined. */
	movl	%edi, %r12d
	movl	%esi, %r13d
	movl	%edx, %r14d
	movl	%ecx, %r15d

	/* The head's GDT may be overwritten. */
	leaq	gdt(%rip), %rax
	movq	%rax, gdt_pointer + 2(%rip)
	lgdt	gdt_pointer(%rip)
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	leaq	stack_end(%rip), %rsp

	leaq	bss_start(%rip), %rdi
	leaq	bss_end(%rip), %rcx
	subq	%rdi, %rcx
	xorl	%eax, %eax
	rep stosb

	/* Pointers in data: the linker's addresses count from 0. */
	leaq	image_start(%rip), %rbx
	leaq	rela_start(%rip), %rsi
	leaq	rela_end(%rip), %rdi
1:	cmpq	%rdi, %rsi
	jae	2f
	movq	(%rsi), %rax
	movq	16(%rsi), %rdx
	addq	%rbx, %rdx
	movq	%rdx, (%rbx, %rax)
	addq	$RELA_SIZE, %rsi
	jmp	1b
2:
	/*
	 * Libraries are compiled for programs: they keep numbers in SSE
	 * registers, and the canary of their stacks at %fs:0x28.
	 */
	movq	%cr0, %rax
	andq	$~(CR0_EM | CR0_TS), %rax
	orq	$CR0_MP, %rax
	movq	%rax, %cr0
	movl	$(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	movq	%rax, %cr4
	fninit
	leaq	thread_block(%rip), %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	movl	$MSR_FS_BASE, %ecx
	wrmsr

	/* body_main(boot_params, load_address, layout, image_start, memory) */
	movl	%r12d, %edi
	movl	%r13d, %esi
	movl	%r14d, %edx
	movq	%rbx, %rcx
	movl	%r15d, %r8d
	call	body_main

/*
 * void enter_kernel(u64 entry, const u8 *boot_params);
 * The state that the kernel's own decompressor leaves: flat segments,
 * interrupts off, identity mapping, boot_params in %rsi.
 */
	.text
	.globl enter_kernel
	.hidden enter_kernel
enter_kernel:
	movl	$CR4_PAE, %eax
	movq	%rax, %cr4
	movq	%rdi, %rax
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%edi, %edi
	pushq	$CODE64
	pushq	%rax
	lretq

/* Any exception: there is nothing to return to. */
	.globl exception_entry
	.hidden exception_entry
exception_entry:
	andq	$~15, %rsp
	call	exception_halt

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
	.quad	0

	.bss
	.balign	16
thread_block:
	.skip	64

	/* Not zeroed: nothing relies on it. */
	.section .stack, "aw", @nobits
	.balign	16
	.skip	STACK_SIZE
stack_end:
