import { bare } from './bare.js';
import { fileNames, type Environment } from './types.js';

/**
 * The kernel's EFI stub under UEFI firmware. QEMU hands kernel, command line
 * and initramfs to the firmware (fw_cfg), which starts the kernel as an EFI
 * application and gives it the initramfs by LINUX_EFI_INITRD_MEDIA_GUID.
 */
export const uefi: Environment = {
  name: 'uefi',
  summary: 'on the emulated PC with UEFI firmware, through the EFI stub',
  needsXen: false,
  needsFirmware: true,
  parts(request, files) {
    if (files.firmware === undefined) throw new Error('uefi was not given a firmware');
    const parts = bare.parts(request, files);
    return {
      ...parts,
      links: { ...parts.links, [fileNames.firmware]: files.firmware },
      firmware: fileNames.firmware,
    };
  },
};
