import type { KernelDescription } from './kernel.js';

/** Environments that an image is judged for. */
export const judgedEnvironments = [
  'bare',
  'xen-pv-dom0',
  'xen-pv-domu',
  'xen-pvh-dom0',
  'xen-pvh-domu',
] as const;

export type JudgedEnvironment = (typeof judgedEnvironments)[number];

/** Whether an image boots in an environment, and why. */
export interface BootVerdict {
  environment: JudgedEnvironment;
  boots: boolean;
  reason: string;
}

/** What the verdicts rest on. */
export interface BootEvidence {
  /** Text of the boot protocol version, for a file with a setup header. */
  protocol: string | null;
  efiStub: boolean;
  /** The kernel that Xen would find; null when it could not be read, with the reason. */
  kernel: KernelDescription | null;
  problem: string | null;
  /** For a multi-image: the flavours that start where nothing chooses one. */
  multiImage: { base: string; default: string } | null;
}

/**
 * Judges by what the loaders look at: a setup header on bare hardware; under
 * Xen the ELF notes of the payload, as xen/common/libelf/libelf-dominfo.c
 * (elf_xen_note_check) and xen/arch/x86/pv/dom0_build.c check them.
 */
export function judgeBoots(evidence: BootEvidence): BootVerdict[] {
  return judgedEnvironments.map((environment) => {
    const refusal =
      environment === 'bare' ? bareRefusal(evidence) : xenRefusal(environment, evidence);
    const reason = refusal ?? agreement(environment, evidence);
    return { environment, boots: refusal === null, reason };
  });
}

function bareRefusal({ protocol, kernel }: BootEvidence): string | null {
  if (protocol !== null) return null;
  return kernel?.multiboot
    ? 'a multiboot image without Linux setup header'
    : 'no setup header: boot loaders take the bzImage, not the vmlinux';
}

/** Why Xen would not start it, or null. */
function xenRefusal(environment: JudgedEnvironment, evidence: BootEvidence): string | null {
  const { kernel, problem } = evidence;
  if (!kernel) return problem ?? 'the kernel in it cannot be read';
  if (kernel.multiboot) return 'a multiboot image (a hypervisor, say), no guest kernel';
  if (kernel.xenNotes.length === 0) return 'the kernel has no Xen ELF notes (CONFIG_XEN is off)';
  return (
    noteRefusal(kernel) ??
    (environment.startsWith('xen-pvh') ? pvhRefusal(kernel) : pvRefusal(kernel)) ??
    (environment.endsWith('dom0') ? dom0Refusal(kernel) : null)
  );
}

function note(kernel: KernelDescription, name: string): string | undefined {
  return kernel.xenNotes.findLast((n) => n.name === name)?.value;
}

function noteRefusal(kernel: KernelDescription): string | null {
  const generic = note(kernel, 'LOADER')?.startsWith('generic');
  if (!generic && !note(kernel, 'GUEST_OS')?.startsWith('linux')) {
    return 'neither is LOADER "generic" nor GUEST_OS "linux" in its Xen notes';
  }
  const version = note(kernel, 'XEN_VERSION');
  if (version?.startsWith('xen-3.0')) return null;
  return `its note XEN_VERSION is ${version ?? 'missing'}, Xen wants xen-3.0`;
}

/** Why the kernel cannot be a PV guest, or null. */
export function pvRefusal(kernel: KernelDescription): string | null {
  if (note(kernel, 'ENTRY') !== undefined) return null;
  return kernel.xenNotes.length === 0
    ? 'it has no Xen ELF notes (CONFIG_XEN is off)'
    : 'no note ENTRY: the kernel has no PV entry point (CONFIG_XEN_PV is off)';
}

function pvhRefusal(kernel: KernelDescription): string | null {
  if (note(kernel, 'PHYS32_ENTRY') !== undefined) return null;
  return 'no note PHYS32_ENTRY: the kernel has no PVH entry point (CONFIG_PVH is off)';
}

/** Without SUPPORTED_FEATURES (Linux before 3.6) Xen does not ask. */
function dom0Refusal(kernel: KernelDescription): string | null {
  if (note(kernel, 'SUPPORTED_FEATURES') === undefined) return null;
  if (kernel.xenFeatures.includes('dom0')) return null;
  return 'SUPPORTED_FEATURES lacks dom0 (CONFIG_XEN_DOM0 is off)';
}

function agreement(environment: JudgedEnvironment, evidence: BootEvidence): string {
  const { protocol, efiStub, kernel, multiImage } = evidence;
  if (environment === 'bare') {
    const firmware = efiStub
      ? 'by BIOS boot loaders and, as an EFI stub, by UEFI'
      : 'by BIOS boot loaders';
    const which = multiImage ? `; flavour ${multiImage.default} unless another is chosen` : '';
    return `boot protocol ${protocol}, loaded ${firmware}${which}`;
  }
  const entry = environment.startsWith('xen-pvh') ? 'PHYS32_ENTRY' : 'ENTRY';
  const width = kernel!.width === 32 ? '; 32-bit: PV needs a Xen with CONFIG_PV32' : '';
  const which = multiImage ? `; flavour ${multiImage.base}, the base` : '';
  return `Xen note ${entry} ${note(kernel!, entry)}${width}${which}`;
}
