import type { ConsoleEnvironment } from '../../../engine/contract/app/console.js';

/** What the boot dialog offers: an environment, or two for the same image at once. */
interface Target {
  readonly id: string;
  readonly title: string;
  readonly environments: readonly ConsoleEnvironment[];
}

export const targets: readonly Target[] = [
  { id: 'bare', title: 'bare: on the emulated PC itself', environments: ['bare'] },
  {
    id: 'xen-pv-dom0',
    title: 'xen-pv-dom0: as PV dom0 under the Xen hypervisor',
    environments: ['xen-pv-dom0'],
  },
  { id: 'uefi', title: 'uefi: under UEFI firmware, by the EFI stub', environments: ['uefi'] },
  {
    id: 'both',
    title: 'bare and xen-pv-dom0, side by side',
    environments: ['bare', 'xen-pv-dom0'],
  },
];
