import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createQemu, type BootResult } from '../../engine/boot/index.js';
import { startQemu } from '../../engine/boot/qemu/guest.js';
import { bootRequest } from './boot-image.js';

/** Who starts the kernel that lies on an EFI system partition. */
export type EfiLoader =
  /** The EFI shell, by a startup.nsh: the kernel is an EFI application, `initrd=` names a file. */
  | 'shell'
  /** GRUB's `linux` and `initrd`. */
  | 'grub';

/** Boots an image from a FAT disk under UEFI firmware. */
export async function bootFromEfiDisk(
  root: string,
  loader: EfiLoader,
  image: Uint8Array,
  words: string,
): Promise<BootResult & { text: string }> {
  const request = { ...bootRequest(root, image), environment: 'uefi' as const };
  const disk = join(request.folder, 'disk');
  makeDisk(disk, request.kernel, request.initrd, loader, words);
  const command = await createQemu({ cacheFolder: join(root, 'cache') }).command(request);
  const argv = withoutOptions(command.argv, ['-kernel', '-initrd', '-append', '-icount']);
  argv.push('-drive', 'file=disk,format=raw,if=ide');
  const guest = await startQemu(request, { ...command, argv });
  const result = await guest.done;
  return { ...result, text: Buffer.from(result.console).toString('latin1') };
}

function makeDisk(
  disk: string,
  kernel: string,
  initrd: string,
  loader: EfiLoader,
  words: string,
): void {
  execFileSync('mkfs.fat', ['-C', '-F', '32', disk, String(64 * 1024)]);
  const copy = (file: string, name: string): void => {
    execFileSync('mcopy', ['-i', disk, file, `::${name}`]);
  };
  const write = (text: string, name: string): void => {
    const file = join(mkdtempSync(`${disk}-`), 'file');
    writeFileSync(file, text);
    copy(file, name);
  };
  copy(kernel, '/vmlinuz.efi');
  copy(initrd, '/initrd.img');
  if (loader === 'shell') {
    write(`fs0:\r\n\\vmlinuz.efi initrd=\\initrd.img ${words}\r\n`, '/startup.nsh');
    return;
  }
  const application = `${disk}-grub.efi`;
  const modules = ['fat', 'normal', 'linux', 'boot'];
  execFileSync('grub-mkimage', [
    ...['-O', 'x86_64-efi', '-p', '/EFI/BOOT', '-o', application, ...modules],
  ]);
  execFileSync('mmd', ['-i', disk, '::/EFI', '::/EFI/BOOT']);
  copy(application, '/EFI/BOOT/BOOTX64.EFI');
  write(`linux /vmlinuz.efi ${words}\ninitrd /initrd.img\nboot\n`, '/EFI/BOOT/grub.cfg');
}

function withoutOptions(argv: readonly string[], names: readonly string[]): string[] {
  return argv.filter((word, i) => !names.includes(word) && !names.includes(argv[i - 1] ?? ''));
}
