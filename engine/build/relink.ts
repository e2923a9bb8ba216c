import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildEnvironment } from './environment.js';
import { runTool } from './process.js';

/**
 * What is kept of a build folder: enough to compile and link the kernel's own
 * decompressor again (arch/x86/boot/compressed), about 20 of 250 MB. The
 * commands are in kbuild's `.cmd` files; their paths are relative to the folder
 * or lead to the source tree, which the link `source` names. `vmlinux.a`, a thin
 * archive, says from which object files the kernel was linked, for `kbl diff`.
 */
const keptParts: readonly string[] = [
  '.config',
  'source',
  'include',
  'arch/x86/include/generated',
  'arch/x86/boot',
  'drivers/firmware/efi/libstub',
  'vmlinux.a',
];

const decompressor = 'arch/x86/boot/compressed/vmlinux';

/** Moves the kept parts of a finished build folder to `tree` and removes the rest. */
export async function keepRelinkable(output: string, tree: string): Promise<void> {
  for (const part of keptParts) {
    await mkdir(dirname(join(tree, part)), { recursive: true });
    await rename(join(output, part), join(tree, part)).catch((error: unknown) => {
      // A kernel without EFI has no libstub, one before 6.1 no vmlinux.a; relinking will tell
      // whether that matters.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
  await rm(output, { recursive: true, force: true });
}

/**
 * The command by which kbuild made a target, from the `.cmd` file beside it;
 * to be run by a shell in the build folder. Undefined when there is none.
 * Format: scripts/Kbuild.include, `cmd_TARGET := ...` (`savedcmd_` since 6.3).
 */
export async function recordedCommand(folder: string, target: string): Promise<string | undefined> {
  const file = join(folder, dirname(target), `.${basename(target)}.cmd`);
  const text = await readFile(file, 'utf8').catch(() => '');
  const command = /^(?:saved)?cmd_\S+ := (.*)$/m.exec(text)?.[1];
  // make-cmd in scripts/Kbuild.include escapes these two for make.
  return command?.replaceAll('$(pound)', '#').replaceAll('$$', '$').trim();
}

/** Links the decompressor again under another name and tells whether the bytes are the same. */
export async function canRelink(tree: string, signal?: AbortSignal): Promise<boolean> {
  const command = await recordedCommand(tree, decompressor);
  if (command === undefined || !command.endsWith(` -o ${decompressor}`)) return false;
  const again = `${decompressor}.again`;
  try {
    const status = await runTool({
      what: 'linking the decompressor again',
      program: 'sh',
      argv: ['-c', command.slice(0, -decompressor.length) + again],
      cwd: tree,
      environment: buildEnvironment(),
      signal,
    });
    if (status !== 0) return false;
    const [one, other] = await Promise.all([
      readFile(join(tree, decompressor)),
      readFile(join(tree, again)),
    ]);
    return one.equals(other);
  } finally {
    await rm(join(tree, again), { force: true });
  }
}
