import { access, constants } from 'node:fs/promises';
import { preferredFile } from '../bundle.js';
import { bootErrors } from '../errors/boot.js';

/**
 * Where distributions install OVMF, the UEFI firmware for QEMU, as one file of
 * code and empty variables, which QEMU's `-bios` takes.
 */
export const firmwareFiles: readonly string[] = [
  '/usr/share/ovmf/OVMF.fd',
  '/usr/share/edk2/ovmf/OVMF.fd',
  '/usr/share/edk2/x64/OVMF.4m.fd',
  '/usr/share/edk2-ovmf/x64/OVMF.fd',
];

/** The user's choice, the bundle's, or the first of these files that is there. @throws boot-firmware-missing */
export async function findFirmware(installed: readonly string[] = firmwareFiles): Promise<string> {
  const preferred = preferredFile('ovmf');
  const files = preferred ? [preferred.path] : installed;
  for (const file of files) {
    try {
      await access(file, constants.R_OK);
      return file;
    } catch {
      // The next distribution's place.
    }
  }
  throw bootErrors.firmwareMissing({ files });
}
