import type { BootRequest, EnvironmentName } from '../types.js';

/**
 * Names under which the files of a boot lie in its folder. They are fixed,
 * because a multiboot loader hands file names to Xen, where their length costs
 * instructions, and because no comma or space of a user's path may reach
 * QEMU's own syntax.
 */
export const fileNames = {
  kernel: 'kernel',
  initrd: 'initrd',
  xen: 'xen',
  firmware: 'firmware',
} as const;

/** How a machine differs from the plain PC with the CPU model of the request. */
export interface MachineNeeds {
  chipset: 'q35';
  /** What QEMU's `-device` says. */
  devices: readonly string[];
  /** Words behind the CPU model. */
  cpuFeatures: readonly string[];
}

/** What an emulator loads, and with which words. */
export interface MachineParts {
  /** Fixed name in the folder to the path of the file. */
  links: Record<string, string>;
  /** What QEMU's `-kernel`, `-initrd` and `-append` say. */
  kernel: string;
  initrd: string;
  append: string;
  /** What QEMU's `-bios` says; its own BIOS when absent. */
  firmware?: string | undefined;
  machine?: MachineNeeds | undefined;
  /** The words that the Linux kernel sees. */
  kernelCommandLine: string;
  xenCommandLine?: string | undefined;
  /** The first serial line is the hypervisor's, and the console's is the second. */
  hypervisorLine?: boolean | undefined;
}

/** Files of this machine that an environment needs besides the request's. */
export interface EnvironmentFiles {
  /** The unpacked hypervisor; present when `needsXen`. */
  xen?: string | undefined;
  /** UEFI firmware for a PC; present when `needsFirmware`. */
  firmware?: string | undefined;
}

export interface Environment {
  readonly name: EnvironmentName;
  /** One line for help texts. */
  readonly summary: string;
  readonly needsXen: boolean;
  readonly needsFirmware: boolean;
  /** Turns a request into what is loaded. Pure. @throws boot-request-invalid */
  parts(request: BootRequest, files: EnvironmentFiles): MachineParts;
}
