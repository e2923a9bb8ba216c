import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordedCommand } from '../../engine/build/relink.js';
import { relinkTargets } from '../../engine/merge/decompressor.js';
import { shell } from './shell.js';

/** Codecs of the kernel's payload that are compared; `gzip` is what the lab builds with. */
export const codecs = ['gzip', 'xz', 'zstd'] as const;
export type Codec = (typeof codecs)[number];

/** A kernel as it is with a codec. */
export interface Kernel {
  name: string;
  /** What was kept of its build folder, configured for the codec. */
  tree: string;
  bzImage: Uint8Array;
}

const boot = 'arch/x86/boot';
const compressed = `${boot}/compressed`;

/** What the codec's configuration changes, in the order in which kbuild makes it. */
const targets = [
  `${compressed}/head_64.o`, // BOOT_HEAP_SIZE
  `${compressed}/piggy.S`,
  ...relinkTargets,
];

/** How scripts/Makefile.lib compresses (`cmd_xzkern_with_size`, `cmd_zstd22_with_size`). */
const compressors = {
  xz: 'SRCARCH=x86 XZ=xz sh source/scripts/xz_wrap.sh',
  zstd: 'zstd -22 --ultra',
} as const;

/**
 * The same kernel with another codec, as if it had been configured with
 * CONFIG_KERNEL_XZ or CONFIG_KERNEL_ZSTD: the decompressor is compiled for it and
 * linked again by the recorded commands, in a copy of what was kept of its build.
 * @param unpacked the kernel's unpacked payload
 * @param folder does not exist yet
 */
export async function withCodec(
  kernel: Kernel,
  codec: Codec,
  unpacked: Uint8Array,
  folder: string,
): Promise<Kernel> {
  if (codec === 'gzip') return kernel;
  await mkdir(folder);
  await cp(kernel.tree, folder, { recursive: true, verbatimSymlinks: true });
  const option = `CONFIG_KERNEL_${codec.toUpperCase()}`;
  await change(join(folder, '.config'), (text) =>
    text
      .replace('CONFIG_KERNEL_GZIP=y', '# CONFIG_KERNEL_GZIP is not set')
      .replace(`# ${option} is not set`, `${option}=y`),
  );
  await change(join(folder, 'include/generated/autoconf.h'), (text) =>
    text.replace('#define CONFIG_KERNEL_GZIP 1', `#define ${option} 1`),
  );
  const payload = `${compressed}/vmlinux.bin.${codec}`;
  await writeFile(join(folder, 'unpacked'), unpacked);
  await shell(`${compressors[codec]} < unpacked > ${payload}`, folder);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(unpacked.length);
  await appendFile(join(folder, payload), size);
  for (const target of targets) {
    const command = await recordedCommand(folder, target);
    if (command === undefined) throw new Error(`no command for ${target} in ${kernel.tree}`);
    await shell(command.replaceAll(`${compressed}/vmlinux.bin.gz`, payload), folder);
  }
  return { ...kernel, tree: folder, bzImage: await readFile(join(folder, boot, 'bzImage')) };
}

async function change(file: string, edit: (text: string) => string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const changed = edit(text);
  if (changed === text) throw new Error(`${file} does not choose gzip`);
  await writeFile(file, changed);
}
