import { defineError } from './lab-error.js';

/** Errors of the emulator, the environments and the console. */
export const bootErrors = {
  qemuMissing: defineError<{ program: string }>(
    'boot-qemu-missing',
    'environment',
    'the emulator is not installed',
    ({ program }) => ({
      message: `${program} was not found`,
      hint: "install it: apt install qemu-system-x86 (Debian), dnf install qemu-system-x86-core (Fedora), pacman -S qemu-system-x86 (Arch); or name one with KBL_QEMU or in the app's Settings",
    }),
  ),
  qemuUnusable: defineError<{ program: string; said: string }>(
    'boot-qemu-unusable',
    'environment',
    'the emulator is installed but does not answer, or lacks what every boot needs',
    ({ program, said }) => ({
      message: `${program} cannot be used: ${said}`,
      place: { file: program },
      hint: `see what it says: ${program} -machine none -nodefaults -display none -qmp stdio`,
    }),
  ),
  pluginUnsupported: defineError<{ version: string }>(
    'boot-plugin-unsupported',
    'environment',
    'instructions are to be counted, but the emulator was built without TCG plugins',
    ({ version }) => ({
      message: `${version} has no TCG plugins, so it cannot count instructions`,
      hint: 'boot without measuring, or install a QEMU that was configured with --enable-plugins (Debian: apt install qemu-system-x86)',
    }),
  ),
  xenMissing: defineError<{ where: string }>(
    'boot-xen-missing',
    'environment',
    'an image is to run under Xen, but no hypervisor is installed',
    ({ where }) => ({
      message: `there is no Xen hypervisor: ${where}`,
      hint: "install it: apt install xen-hypervisor-4.17-amd64 (Debian), dnf install xen-hypervisor (Fedora); or name one with KBL_XEN or in the app's Settings",
    }),
  ),
  firmwareMissing: defineError<{ files: readonly string[] }>(
    'boot-firmware-missing',
    'environment',
    'an image is to run under UEFI, but no firmware for the emulator is installed',
    ({ files }) => ({
      message: `no UEFI firmware is installed: none of ${files.join(', ')}`,
      hint: "install it: apt install ovmf (Debian), dnf install edk2-ovmf (Fedora), pacman -S edk2-ovmf (Arch); or name one with KBL_OVMF or in the app's Settings",
    }),
  ),
  firmwareDamaged: defineError<{ file: string; trouble: string }>(
    'boot-firmware-damaged',
    'input',
    'a file that was named as UEFI firmware is none',
    ({ file, trouble }) => ({
      message: `this is no UEFI firmware: ${trouble}`,
      place: { file },
      hint: 'give the one file of code and variables, OVMF.fd (not OVMF_CODE.fd with OVMF_VARS.fd)',
    }),
  ),
  xenDamaged: defineError<{ file: string; trouble: string }>(
    'boot-xen-damaged',
    'input',
    'the hypervisor file does not unpack to a 32-bit multiboot ELF',
    ({ file, trouble }) => ({
      message: `the Xen hypervisor cannot be used: ${trouble}`,
      place: { file },
      hint: 'give the gzip file that the hypervisor package puts into /boot, not the .efi one; reinstall the package if it is damaged',
    }),
  ),
  requestInvalid: defineError<{ what: string; hint: string }>(
    'boot-request-invalid',
    'usage',
    'a boot was asked for with a machine, command line or file name that cannot be given to the emulator',
    ({ what, hint }) => ({ message: what, hint }),
  ),
  notCompleted: defineError<{ image: string; outcome: string; evidence: string; lines: string[] }>(
    'boot-not-completed',
    'guest',
    'an image was booted and did not reach its end',
    ({ image, outcome, evidence, lines }) => ({
      message: [`${outcome}: ${evidence}`, ...lines.map((line) => `  | ${line}`)].join('\n'),
      place: { file: image },
      hint: 'watch it boot: kbl boot IMAGE; the whole console is stored with the run',
    }),
  ),
  qmpRefused: defineError<{ command: string; class: string; description: string }>(
    'boot-qmp-refused',
    'guest',
    'the emulator refused a control command',
    ({ command, class: name, description }) => ({
      message: `QEMU refused ${command}: ${description} (${name})`,
      hint: 'the running machine cannot do this, or this QEMU is too old for it',
    }),
  ),
  qmpClosed: defineError<{ command: string; trouble: string }>(
    'boot-qmp-closed',
    'guest',
    'the control connection to the emulator ended before it answered',
    ({ command, trouble }) => ({
      message: `QEMU did not answer ${command}: ${trouble}`,
      hint: 'the emulator has probably ended; its outcome and messages tell why',
    }),
  ),
};
