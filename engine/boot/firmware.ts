import { access, constants, open } from 'node:fs/promises';
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

/** Where a firmware volume's header has its signature (UEFI Platform Initialization, volume 3, 3.2.1). */
const volumeSignature = { offset: 40, text: '_FVH' };

/** Looks whether a file begins with a firmware volume, as OVMF does. @throws boot-firmware-damaged */
export async function checkFirmware(file: string): Promise<void> {
  const { offset, text } = volumeSignature;
  const bytes = Buffer.alloc(text.length);
  try {
    const handle = await open(file, 'r');
    await handle.read(bytes, 0, bytes.length, offset).finally(() => handle.close());
  } catch (cause) {
    throw bootErrors.firmwareDamaged({ file, trouble: (cause as Error).message }, cause);
  }
  if (bytes.toString('latin1') !== text) {
    throw bootErrors.firmwareDamaged({ file, trouble: 'it does not begin with a firmware volume' });
  }
}
