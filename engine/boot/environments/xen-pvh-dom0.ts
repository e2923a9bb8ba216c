import type { Environment } from './types.js';
import { dom0Parts } from './xen-dom0.js';

/**
 * The kernel as dom0 in a container of the processor's own virtualisation: it has its ring 0 and its
 * page tables, and leaves only for Xen's services. Xen 4.17 builds such a dom0 where it
 * finds nested paging (`npt`, which qemu64 leaves out) and an IOMMU, which QEMU has for the q35
 * machine (xen/arch/x86/setup.c, xen/arch/x86/hvm/dom0_build.c).
 */
export const xenPvhDom0: Environment = {
  name: 'xen-pvh-dom0',
  summary: 'as PVH dom0 under the Xen hypervisor, by AMD-V and nested paging',
  needsXen: true,
  needsFirmware: false,
  parts: (request, files) => ({
    ...dom0Parts(request, files, 'dom0=pvh iommu=on'),
    machine: {
      chipset: 'q35',
      devices: ['amd-iommu'],
      cpuFeatures: ['+npt'],
    },
  }),
};
