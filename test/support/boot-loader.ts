import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectPath } from '../../engine/paths.js';

/** Where boot-loader.c puts things (physical addresses), and how it starts the kernel. */
export interface LoaderPlan {
  entry: 32 | 64;
  /** Levels of page tables at the 64-bit entry; 5 wants a processor that has them. */
  levels?: 4 | 5;
  kernelAt: number;
  initrdAt: number;
  commandLineAt?: number;
  bootParamsAt?: number;
  setupDataAt?: number;
}

/** Compiles the loader with a kernel and an initramfs in it: a multiboot image, at 96 MB. */
export function bootLoader(
  folder: string,
  { kernel, initrd }: { kernel: string; initrd: string },
  plan: LoaderPlan,
): string {
  const file = join(folder, 'boot-loader.elf');
  const values = {
    ENTRY: plan.entry,
    LEVELS: plan.levels ?? 4,
    KERNEL_AT: plan.kernelAt,
    INITRD_AT: plan.initrdAt,
    COMMAND_LINE_AT: plan.commandLineAt ?? 0x91000,
    BOOT_PARAMS_AT: plan.bootParamsAt ?? 0x90000,
    SETUP_DATA_AT: plan.setupDataAt ?? 0,
    KERNEL_FILE: `"${kernel}"`,
    INITRD_FILE: `"${initrd}"`,
  };
  execFileSync('gcc', [
    ...['-m32', '-O1', '-ffreestanding', '-nostdlib', '-static', '-fno-pic', '-no-pie'],
    ...['-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-fcf-protection=none'],
    ...['-mno-sse', '-Wl,--build-id=none', '-Wl,-z,noexecstack', '-Wl,-N'],
    ...['-Wl,--no-warn-rwx-segments', '-Wl,-Ttext-segment=0x6000000'],
    '-Wl,--section-start=.header=0x6000000',
    ...Object.entries(values).map(([name, value]) => `-D${name}=${value}`),
    projectPath('test', 'support', 'boot-loader.c'),
    ...['-o', file],
  ]);
  return file;
}
