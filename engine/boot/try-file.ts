import { checkFirmware } from './firmware.js';
import { probeQemu } from './qemu/probe.js';
import { namedXen, unpackXen } from './xen.js';

const tries = {
  qemu: async (path: string): Promise<string> => {
    const { version, plugins } = await probeQemu(path);
    return `${version}, ${plugins ? 'counts instructions' : 'without TCG plugins: cannot count instructions'}`;
  },
  xen: async (path: string, cacheFolder: string): Promise<string> => {
    const xen = namedXen(path);
    await unpackXen(xen, cacheFolder);
    return `Xen ${xen.version}`;
  },
  ovmf: async (path: string): Promise<string> => {
    await checkFirmware(path);
    return 'UEFI firmware';
  },
};

/**
 * Tries a file that a user named for booting with it: the emulator is run, the
 * hypervisor unpacked, the firmware looked into. @returns what it is, in words
 * @throws boot-qemu-missing, boot-qemu-unusable, boot-xen-missing, boot-xen-damaged, boot-firmware-damaged
 */
export function tryBootFile(
  file: keyof typeof tries,
  path: string,
  cacheFolder: string,
): Promise<string> {
  return tries[file](path, cacheFolder);
}
