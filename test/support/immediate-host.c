/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Executes an instruction and its replacement on this machine, each from the
 * same random state, and tells whether registers, flags, stack and the place
 * where it went on are the same. A case on standard input:
 *   u32 size of both, u64 value of the memory operand, u64 flags that count,
 *   u32 states to try, original bytes, replacement bytes
 * and on standard output `same` or what differs. Instructions are for the
 * addresses below; TARGET is where calls and jumps through memory may lead.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CODE 0x10000100u
#define TARGET 0x10000800u
#define VARIABLE 0x10002000u
#define FLAGS 0x8d5u /* CF PF AF ZF SF OF */

struct state {
	uint64_t registers[16]; /* as they are numbered: rax rcx rdx rbx rsp rbp rsi rdi r8 ... */
	uint64_t flags;
};

struct state state;
uint64_t host_stack, scratch[8];
uint64_t *scratch_top = scratch + 8;
uint64_t entry = CODE, after;
static uint64_t stack[16];

void execute(void);

__asm__(".globl execute\n"
	"execute:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, host_stack\n"
	"	mov scratch_top, %rsp\n"
	"	pushq state+128\n"
	"	popfq\n"
	"	mov state, %rax; mov state+8, %rcx; mov state+16, %rdx; mov state+24, %rbx\n"
	"	mov state+32, %rsp; mov state+40, %rbp; mov state+48, %rsi; mov state+56, %rdi\n"
	"	mov state+64, %r8; mov state+72, %r9; mov state+80, %r10; mov state+88, %r11\n"
	"	mov state+96, %r12; mov state+104, %r13; mov state+112, %r14; mov state+120, %r15\n"
	"	jmp *entry\n"
	".globl landing\n"
	"landing:\n"
	"	mov %rax, state; mov %rcx, state+8; mov %rdx, state+16; mov %rbx, state+24\n"
	"	mov %rsp, state+32; mov %rbp, state+40; mov %rsi, state+48; mov %rdi, state+56\n"
	"	mov %r8, state+64; mov %r9, state+72; mov %r10, state+80; mov %r11, state+88\n"
	"	mov %r12, state+96; mov %r13, state+104; mov %r14, state+112; mov %r15, state+120\n"
	"	mov scratch_top, %rsp\n"
	"	pushfq\n"
	"	popq state+128\n"
	"	mov host_stack, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	cld\n"
	"	ret\n");
extern char landing[];

static uint32_t went; /* 1 after TARGET */

static uint64_t random64(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static uint8_t *put32(uint8_t *at, uintptr_t value)
{
	uint32_t low = value;

	memcpy(at, &low, 4);
	return at + 4;
}

/* jmp *after */
static void put_jump(uint8_t *at)
{
	memcpy(at, "\xff\x24\x25", 3);
	put32(at + 3, (uintptr_t)&after);
}

struct outcome {
	struct state state;
	uint64_t stack[16];
	uint32_t went;
};

static struct outcome try(const uint8_t *code, size_t size, const struct state *from)
{
	struct outcome outcome;

	memcpy((void *)(uintptr_t)CODE, code, size);
	put_jump((uint8_t *)(uintptr_t)CODE + size);
	memset(stack, 0x5a, sizeof(stack));
	went = 0;
	state = *from;
	execute();
	outcome.state = state;
	outcome.went = went;
	memcpy(outcome.stack, stack, sizeof(stack));
	return outcome;
}

static const char *difference(const struct outcome *a, const struct outcome *b, uint64_t flags)
{
	static char text[64];

	for (int i = 0; i < 16; i++)
		if (a->state.registers[i] != b->state.registers[i]) {
			snprintf(text, sizeof(text), "register %d", i);
			return text;
		}
	if ((a->state.flags ^ b->state.flags) & flags & FLAGS) {
		snprintf(text, sizeof(text), "flags %03x %03x", (unsigned)(a->state.flags & FLAGS),
			 (unsigned)(b->state.flags & FLAGS));
		return text;
	}
	if (a->went != b->went)
		return "target";
	return memcmp(a->stack, b->stack, sizeof(stack)) ? "stack" : NULL;
}

int main(void)
{
	struct __attribute__((packed)) {
		uint32_t size;
		uint64_t value, flags;
		uint32_t states;
	} head;
	uint8_t original[16], replacement[16], *at;

	if (mmap((void *)0x10000000, 0x3000, PROT_READ | PROT_WRITE | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	after = (uintptr_t)landing;
	at = (uint8_t *)(uintptr_t)TARGET;
	memcpy(at, "\xc7\x04\x25", 3); /* movl $1, went */
	at = put32(put32(at + 3, (uintptr_t)&went), 1);
	put_jump(at);

	while (fread(&head, sizeof(head), 1, stdin) == 1) {
		const char *differs = NULL;

		if (head.size > sizeof(original) || fread(original, head.size, 1, stdin) != 1 ||
		    fread(replacement, head.size, 1, stdin) != 1)
			return 1;
		memcpy((void *)(uintptr_t)VARIABLE, &head.value, sizeof(head.value));
		for (uint32_t i = 0; i < head.states && !differs; i++) {
			struct state from;
			struct outcome a, b;

			for (int r = 0; r < 16; r++)
				from.registers[r] = random64() >> (random64() & 56);
			/* Now and then the value itself: comparisons must be equal too. */
			if (i % 4 == 0)
				for (int r = 0; r < 16; r++)
					from.registers[r] = head.value;
			from.registers[4] = (uintptr_t)(stack + 8);
			from.flags = (random64() & FLAGS) | 0x202;
			a = try(original, head.size, &from);
			b = try(replacement, head.size, &from);
			differs = difference(&a, &b, head.flags);
		}
		puts(differs ? differs : "same");
	}
	return 0;
}
