import type { EnvironmentName } from '../boot/types.js';
import { extractVmlinux, isBzImage, readBzImage } from '../bzimage/index.js';
import type { JobOptions } from '../progress.js';
import { describeFile } from './import-image.js';
import { readKernelFile } from './kernel-file.js';

/** What booting an image asks of it. Plain data. */
export interface BootFacts {
  /** Whether it boots in an environment, and why. */
  verdicts: Record<EnvironmentName, { boots: boolean; reason: string }>;
  /**
   * It boots under Xen and has the driver of a PC's serial ports built in: it can use one without
   * Xen's help.
   */
  drivesSerialPort: boolean;
}

/**
 * Name of the platform device that every kernel with CONFIG_SERIAL_8250 makes
 * (drivers/tty/serial/8250/8250_core.c).
 */
const serialDevice = 'serial8250';

/** @throws file-missing, image-*, bzimage-*, elf-*, payload-* */
export async function bootFacts(file: string, options: JobOptions = {}): Promise<BootFacts> {
  const bytes = await readKernelFile(file);
  const { bootsAs, efi } = await describeFile(file, bytes, options);
  const judged = (
    environment: Exclude<EnvironmentName, 'uefi'>,
  ): { boots: boolean; reason: string } => {
    const { boots, reason } = bootsAs.find((one) => one.environment === environment)!;
    return { boots, reason };
  };
  const [pv, pvh] = [judged('xen-pv-dom0'), judged('xen-pvh-dom0')];
  return {
    verdicts: {
      bare: judged('bare'),
      'xen-pv-dom0': pv,
      'xen-pvh-dom0': pvh,
      uefi: {
        boots: efi !== null,
        reason: efi ? `EFI stub for ${efi.machine}` : 'no EFI stub (CONFIG_EFI_STUB is off)',
      },
    },
    drivesSerialPort: (pv.boots || pvh.boots) && (await drivesSerialPort(bytes, options)),
  };
}

/** Of a multi-image the base, which is what boots under Xen. */
async function drivesSerialPort(bytes: Uint8Array, options: JobOptions): Promise<boolean> {
  if (!isBzImage(bytes)) return false;
  try {
    const { bytes: kernel } = await extractVmlinux(readBzImage(bytes), options);
    return Buffer.from(kernel.buffer, kernel.byteOffset, kernel.length).includes(serialDevice);
  } catch {
    return false; // A payload that cannot be unpacked: the verdicts say why.
  }
}
