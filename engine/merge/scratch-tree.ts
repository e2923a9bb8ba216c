import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files of arch/x86/boot that are made anew from the payload, and are most of
 * its bytes.
 */
const madeAnew = /^(?:bzImage|vmlinux(?:\.bin.*|\.relocs)?|piggy\.o|setup\.(?:elf|bin))$/;

/**
 * A folder in which the recorded commands of a kept build tree run as they did
 * there: arch/x86/boot is copied, since some of its files will be overwritten
 * and the tree is never changed; everything else is a link.
 */
export async function copyBootTree(tree: string, scratch: string): Promise<void> {
  const boot = join('arch', 'x86', 'boot');
  await linkAllBut(tree, scratch, ['arch']);
  await linkAllBut(join(tree, 'arch'), join(scratch, 'arch'), ['x86']);
  await linkAllBut(join(tree, 'arch', 'x86'), join(scratch, 'arch', 'x86'), ['boot']);
  await copyFolder(join(tree, boot), join(scratch, boot));
}

async function linkAllBut(from: string, to: string, but: readonly string[]): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (!but.includes(name)) await symlink(join(from, name), join(to, name));
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const { name } = entry;
    if (entry.isDirectory()) await copyFolder(join(from, name), join(to, name));
    else if (!madeAnew.test(name)) {
      await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE);
    }
  }
}
