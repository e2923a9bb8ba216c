import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TestKernel } from './kernels.js';

/**
 * Guests of a few lines, made by hand, so that a test of the emulator depends
 * on nothing else of the lab.
 */

const runtime = `
typedef unsigned long word;
static long sys(long n, long a, long b, long c, long d)
{
	long r;
	register long r10 __asm__("r10") = d;
	__asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return r;
}
static void say(const char *s) { long n = 0; while (s[n]) n++; sys(1, 1, (long)s, n, 0); }
static void tsc(const char *what)
{
	unsigned low, high;
	char text[24];
	int i = sizeof text - 1;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	word v = low | (word)high << 32;
	text[i] = 0;
	text[--i] = '\\n';
	do { text[--i] = '0' + v % 10; v /= 10; } while (v);
	say(what);
	say(text + i);
}
static void power_off(void) { sys(169, 0xfee1dead, 672274793, 0x4321fedc, 0); }
static void getppid(void) { sys(110, 0, 0, 0, 0); }
__attribute__((force_align_arg_pointer)) void _start(void)
{
`;

/** Bodies of the init programs. */
export const inits = {
  /** Some system calls, the time stamp counter around them, done, power off. */
  count:
    'tsc("tsc "); for (int i = 0; i < 20000; i++) getppid(); tsc("tsc "); say("KBL-DONE\\n"); power_off();',
  /** Computes without end and prints nothing. */
  busy: 'say("busy\\n"); for (;;) getppid();',
  /** Prints without end. */
  flood:
    'char line[4096]; for (int i = 0; i < 4096; i++) line[i] = i % 64 == 63 ? 10 : 120; for (;;) sys(1, 1, (long)line, 4096, 0);',
  /** Powers off without having been done. */
  off: 'say("off\\n"); power_off();',
  /** Is done, but stays. */
  stay: 'say("KBL-DONE\\n"); for (;;) sys(34, 0, 0, 0, 0);',
  /** Answers each line typed with the same line; `bye` ends it. */
  echo: 'char b[64]; say("echo ready\\n"); for (;;) { long n = sys(0, 0, (long)b, 64, 0); if (n > 0) sys(1, 1, (long)b, n, 0); if (n > 3 && b[0] == 98 && b[1] == 121) { say("KBL-DONE\\n"); power_off(); } }',
  /** A system call that `oopsKernel` answers with an oops, which init does not survive. */
  oops: 'sys(155, (long)"a", (long)"b", 0, 0); say("survived\\n"); power_off();',
  /** The same in a child: init goes on and is done. */
  childOops:
    'if (sys(57, 0, 0, 0, 0) == 0) sys(155, (long)"a", (long)"b", 0, 0); sys(61, -1, 0, 0, 0); say("KBL-DONE\\n"); power_off();',
  /** Prints the 64-bit FNV-1a hash of /data: what came of an initramfs. */
  hash: `static unsigned char b[65536]; long f = sys(2, (long)"/data", 0, 0, 0), n;
	word h = 0xcbf29ce484222325;
	while ((n = sys(0, f, (long)b, sizeof b, 0)) > 0)
		for (long i = 0; i < n; i++) h = (h ^ b[i]) * 0x100000001b3;
	char t[18]; for (int i = 0; i < 16; i++) t[i] = "0123456789abcdef"[h >> (60 - 4 * i) & 15];
	t[16] = 10; t[17] = 0; say("data "); say(t); say("KBL-DONE\\n"); power_off();`,
  /** Resets the machine without having been done. */
  reset: 'sys(169, 0xfee1dead, 672274793, 0x01234567, 0);',
} as const;

/**
 * Compiles an init, packs it with a console device and, if given, /data.
 * @returns the initramfs's path
 */
export function tinyInitrd(folder: string, init: keyof typeof inits, data?: Buffer): string {
  const root = join(folder, `root-${init}`);
  mkdirSync(root, { recursive: true });
  const source = join(folder, `${init}.c`);
  writeFileSync(source, `${runtime}\t${inits[init]}\n\tfor (;;);\n}\n`);
  const flags = '-static -nostdlib -O1 -fno-builtin -fno-stack-protector -fno-pie -no-pie'.split(
    ' ',
  );
  execFileSync('gcc', [...flags, '-o', join(root, 'init'), source]);
  const cpio = [
    newc('dev', 0o040755, Buffer.alloc(0)),
    newc('dev/console', 0o020600, Buffer.alloc(0), [5, 1]),
    newc('init', 0o100755, readFileSync(join(root, 'init'))),
    ...(data ? [newc('data', 0o100644, data)] : []),
    newc('TRAILER!!!', 0, Buffer.alloc(0)),
  ];
  const file = join(folder, `${init}.cpio`);
  writeFileSync(file, Buffer.concat(cpio));
  return file;
}

/** One entry of a cpio archive in the newc format (cpio(5)). */
function newc(name: string, mode: number, data: Buffer, device = [0, 0]): Buffer {
  const fields = [1, mode, 0, 0, 1, 0, data.length, 0, 0, ...device, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.from(`${header}${name}\0`)), padded(data)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/**
 * A multiboot image of a few instructions. `lidt table; int3` faults three
 * times at once, since the interrupt table is empty.
 */
export function machineCode(folder: string, code: string): string {
  const source = join(folder, 'machine-code.S');
  writeFileSync(
    source,
    `	.code32
	.long 0x1BADB002, 0, -0x1BADB002	/* multiboot header */
	.globl _start
_start:	${code}
table:	.long 0, 0
`,
  );
  const file = join(folder, 'machine-code.elf');
  const flags = '-m32 -nostdlib -static -Wl,-Ttext=0x100000 -Wl,--build-id=none'.split(' ');
  execFileSync('gcc', [...flags, '-o', file, source]);
  return file;
}

/**
 * A copy of a kernel whose pivot_root() runs into undefined instructions: the
 * payload is unpacked, the function overwritten, and packed again.
 */
export function oopsKernel(folder: string, kernel: TestKernel): string {
  const image = readFileSync(kernel.bzImage);
  const start = (image[0x1f1]! + 1) * 512 + image.readUInt32LE(0x248);
  const length = image.readUInt32LE(0x24c);
  const vmlinux = gunzipSync(image.subarray(start, start + length));
  const systemMap = readFileSync(kernel.systemMap, 'utf8');
  // The others are never called: without them the payload cannot become larger than it was.
  for (const name of ['pivot_root', 'mount_setattr', 'move_mount']) {
    const [from, to] = extent(systemMap, `__x64_sys_${name}`);
    const at = fileOffset(vmlinux, from);
    vmlinux.fill('0f0b', at, at + Number(to - from), 'hex'); // ud2
  }
  // gzip itself, as the kernel's build does: Node's own zlib packs a little worse.
  const packed = execFileSync('gzip', ['-n9'], { input: vmlinux, maxBuffer: image.length });
  if (packed.length > length)
    throw new Error(`the changed payload has ${packed.length} bytes, ${length} fit`);
  packed.copy(image, start);
  const file = join(folder, 'oops-bzImage');
  writeFileSync(file, image);
  return file;
}

/** Addresses of a function and of what follows it, from a System.map, which is sorted. */
function extent(systemMap: string, name: string): [bigint, bigint] {
  const symbols = systemMap.split('\n').map((line) => line.split(' '));
  const first = symbols.findIndex((symbol) => symbol[2] === name);
  const next = symbols.slice(first).find((symbol) => symbol[0] !== symbols[first]![0]);
  return [BigInt(`0x${symbols[first]![0]}`), BigInt(`0x${next![0]}`)];
}

/** Where a virtual address lies in an ELF64 file, by its program headers. */
function fileOffset(elf: Buffer, address: bigint): number {
  const table = Number(elf.readBigUInt64LE(0x20));
  for (let i = 0; i < elf.readUInt16LE(0x38); i++) {
    const header = elf.subarray(table + i * 56);
    const from = header.readBigUInt64LE(16);
    if (
      header.readUInt32LE(0) === 1 &&
      address >= from &&
      address < from + header.readBigUInt64LE(32)
    )
      return Number(header.readBigUInt64LE(8) + address - from);
  }
  throw new Error(`no segment has 0x${address.toString(16)}`);
}
