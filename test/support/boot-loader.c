/*
 * A boot loader for tests, itself started by QEMU as a multiboot image. It
 * carries a bzImage and an initrd and starts the kernel as the x86 boot
 * protocol has it (Documentation/x86/boot.rst, "32-bit" and "64-bit Boot
 * Protocol"), with everything where the test wants it:
 *
 * ENTRY            32 or 64
 * LEVELS           of page tables at the 64-bit entry, 4 or 5
 * KERNEL_AT        protected-mode code
 * INITRD_AT, COMMAND_LINE_AT, BOOT_PARAMS_AT
 * SETUP_DATA_AT    a node of setup_data with random bytes for the kernel; 0 for none
 * KERNEL_FILE, INITRD_FILE
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

__asm__(".section .header, \"a\"\n"
	".balign 4\n"
	".long 0x1badb002, 0x2, -(0x1badb002 + 0x2)\n"
	".section .rodata\n"
	".balign 4096\n"
	"kernel_file: .incbin \"" KERNEL_FILE "\"\n"
	"kernel_file_end:\n"
	".balign 4096\n"
	"initrd_file: .incbin \"" INITRD_FILE "\"\n"
	"initrd_file_end:\n"
	".text\n"
	".globl _start\n"
	"_start: movl $stack_end, %esp\n"
	"pushl %ebx\n"
	"call main\n"
	".bss\n"
	".balign 16\n"
	".skip 4096\n"
	"stack_end:\n"
	".text\n");

extern u8 kernel_file[], kernel_file_end[], initrd_file[], initrd_file_end[];

static struct {
	u16 limit;
	u64 *at;
} __attribute__((packed)) gdt_pointer;

/* __BOOT_CS is 0x10 and __BOOT_DS 0x18; 0x20 is a 32-bit code segment of our own. */
static u64 gdt[5] = {
	0, 0, ENTRY == 64 ? 0x00af9a000000ffff : 0x00cf9a000000ffff,
	0x00cf92000000ffff, 0x00cf9a000000ffff,
};

/* Page tables: levels 5, 4 and 3, then four of level 2. */
static u64 tables[7 * 512] __attribute__((aligned(4096)));

static void copy(void *to, const void *from, u32 size)
{
	u8 *t = to;
	const u8 *f = from;

	if (t <= f)
		while (size--)
			*t++ = *f++;
	else
		while (size--)
			t[size] = f[size];
}

static void clear(void *at, u32 size)
{
	for (u8 *p = at; size--; p++)
		*p = 0;
}

/* Multiboot 0.6.96, 3.3: memory map entries begin behind their size. */
static void copy_memory_map(u8 *boot_params, const u32 *multiboot)
{
	const u8 *entry = (const u8 *)multiboot[12], *end = entry + multiboot[11];
	u8 count = 0;

	for (; entry < end; entry += *(const u32 *)entry + 4)
		copy(boot_params + 0x2d0 + 20 * count++, entry + 4, 20);
	boot_params[0x1e8] = count;
}

static void fill_boot_params(u8 *boot_params, const u32 *multiboot)
{
	clear(boot_params, 4096);
	copy(boot_params + 0x1f1, kernel_file + 0x1f1, 0x202 + kernel_file[0x201] - 0x1f1);
	copy_memory_map(boot_params, multiboot);
	boot_params[0x210] = 0xff;	/* type_of_loader: not assigned */
	*(u32 *)(boot_params + 0x218) = INITRD_AT;
	*(u32 *)(boot_params + 0x21c) = initrd_file_end - initrd_file;
	*(u32 *)(boot_params + 0x228) = COMMAND_LINE_AT;
	*(u32 *)(boot_params + 0x250) = SETUP_DATA_AT;
	if (SETUP_DATA_AT) {
		u32 *node = (u32 *)SETUP_DATA_AT;

		clear(node, 64);
		node[2] = 9;	/* SETUP_RNG_SEED */
		node[3] = 32;
		for (int i = 4; i < 12; i++)
			node[i] = 0x12345678u * i;
	}
}

/* QEMU puts the name of the image in front of the words. */
static const char *words(const char *line)
{
	while (*line && *line != ' ')
		line++;
	return line;
}

/* Maps 4 GB to themselves. */
static void enter_long_mode(void)
{
	u64 *level5 = tables, *level4 = level5 + 512, *level3 = level4 + 512, *level2 = level3 + 512;
	u32 i, cr4 = LEVELS == 5 ? 0x1020 : 0x20;

	level5[0] = (u32)level4 | 3;
	level4[0] = (u32)level3 | 3;
	for (i = 0; i < 4; i++)
		level3[i] = (u32)(level2 + 512 * i) | 3;
	for (i = 0; i < 4 * 512; i++)
		level2[i] = (u64)i << 21 | 0x83;
	__asm__ volatile("movl %0, %%cr4; movl %1, %%cr3"
			 : : "r"(cr4), "r"(LEVELS == 5 ? level5 : level4));
	__asm__ volatile("movl $0xc0000080, %%ecx; rdmsr; orl $0x100, %%eax; wrmsr"
			 : : : "eax", "ecx", "edx");
	__asm__ volatile("movl %%cr0, %%eax; orl $0x80000000, %%eax; movl %%eax, %%cr0"
			 : : : "eax");
}

void main(const u32 *multiboot)
{
	u32 setup = ((kernel_file[0x1f1] ? kernel_file[0x1f1] : 4) + 1) * 512;
	const char *line = words((const char *)multiboot[4]);
	u32 length = 0;

	while (line[length])
		length++;
	fill_boot_params((u8 *)BOOT_PARAMS_AT, multiboot);
	copy((void *)COMMAND_LINE_AT, line, length + 1);
	copy((void *)INITRD_AT, initrd_file, initrd_file_end - initrd_file);
	copy((void *)KERNEL_AT, kernel_file + setup, kernel_file_end - kernel_file - setup);

	gdt_pointer.limit = sizeof(gdt) - 1;
	gdt_pointer.at = gdt;
	__asm__ volatile("cli; lgdt %0" : : "m"(gdt_pointer));
	/* CS first goes to our own segment, which stays 32-bit while paging is switched on. */
	__asm__ volatile("ljmp $0x20, $1f; 1: movl %0, %%ds; movl %0, %%es; movl %0, %%ss"
			 : : "r"(0x18));
	if (ENTRY == 64)
		enter_long_mode();
	__asm__ volatile("pushl $0x10; pushl %0; xorl %%ebx, %%ebx; xorl %%edi, %%edi; lret"
			 : : "r"(KERNEL_AT + (ENTRY == 64 ? 0x200 : 0)), "S"(BOOT_PARAMS_AT));
}
