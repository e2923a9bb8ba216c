/* SPDX-License-Identifier: MIT */
#include "../segments.h"
#include "cpu.h"

#define EXCEPTIONS 32
#define INTERRUPT_GATE 0x8e00

/* Leaves of interfaces: arch/x86/include/asm/processor.h, hypervisor_cpuid_base(). */
#define HYPERVISOR_PRESENT 31
#define FIRST_INTERFACE 0x40000000u
#define LAST_INTERFACE 0x40010000u
#define INTERFACE_STEP 0x100u

/* start.S */
void exception_entry(void);

struct gate {
	u16 offset_low;
	u16 selector;
	u16 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};

static struct gate gates[EXCEPTIONS];

static struct gate gate_to(void (*entry)(void))
{
	u64 offset = (uintptr_t)entry;
	struct gate gate = {
		.offset_low = (u16)offset,
		.selector = CODE64,
		.type = INTERRUPT_GATE,
		.offset_middle = (u16)(offset >> 16),
		.offset_high = (u32)(offset >> 32),
	};

	return gate;
}

void cpu_catch_exceptions(void)
{
	struct {
		u16 limit;
		struct gate *at;
	} __attribute__((packed)) pointer = { sizeof(gates) - 1, gates };
	u32 i;

	for (i = 0; i < EXCEPTIONS; i++)
		gates[i] = gate_to(exception_entry);
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

static void cpuid(u32 leaf, u32 out[4])
{
	__asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
			 : "a"(leaf), "c"(0));
}

u32 cpu_choose(const struct multi *multi, const char *command_line,
	       u8 signature[MULTI_SIGNATURE_SIZE], enum multi_reason *reason)
{
	u32 registers[4], leaf, index;

	cpuid(1, registers);
	if (registers[2] >> HYPERVISOR_PRESENT & 1) {
		for (leaf = FIRST_INTERFACE; leaf < LAST_INTERFACE; leaf += INTERFACE_STEP) {
			cpuid(leaf, registers);
			memcpy(signature, registers + 1, MULTI_SIGNATURE_SIZE);
			index = multi_choose(multi, command_line, signature, reason);
			if (*reason == MULTI_BY_HYPERVISOR)
				return index;
		}
	}
	return multi_choose(multi, command_line, NULL, reason);
}
