import { bootErrors } from '../../errors/boot.js';
import type { BootRequest } from '../types.js';
import { commonWords, doubleCommas, linuxCommandLine, xenCommandLine } from './command-line.js';
import { fileNames, type EnvironmentFiles, type MachineParts } from './types.js';

/** What Xen 4.17 itself takes of the machine, with some room: dom0 gets no more than the rest. */
const xenShare = 128;

/**
 * Words that give dom0 a serial line of its own. Xen claims only the port that its console is
 * on (com1), so dom0 may drive the other one. Linux makes hvc0, which Xen carries on com1,
 * a console of every domain, unless the command line asks for another hvc: hvc1, which is not
 * there (kernel/printk/printk.c: try_enable_preferred_console).
 */
const ownLineKernel = 'console=hvc1 console=ttyS1';
/** Xen keeps the input of its line instead of giving it to dom0: `a` is Ctrl-A, `x` says so. */
const ownLineXen = 'conswitch=ax';

/**
 * The kernel as the first, privileged domain of Xen, of whichever kind. QEMU's multiboot
 * loader takes Xen as `-kernel` and the modules (dom0's kernel with its
 * command line, dom0's initramfs) as a comma-separated `-initrd`. Xen owns the
 * serial port and carries dom0's console (hvc0) on it; with `ownLines` dom0 has
 * another port for itself.
 * @param kind words for Xen that make dom0 the kind it is
 * @throws boot-request-invalid
 */
export function dom0Parts(
  request: BootRequest,
  files: EnvironmentFiles,
  kind?: string,
): MachineParts {
  if (files.xen === undefined) throw new Error(`${request.environment} was given no hypervisor`);
  const { memory, dom0Memory } = request.machine;
  if (dom0Memory + xenShare > memory) {
    throw bootErrors.requestInvalid({
      what: `dom0 is to have ${dom0Memory} MiB of a machine with ${memory} MiB`,
      hint: `Xen needs about ${xenShare} MiB for itself: give the machine more, or dom0 less`,
    });
  }
  const { ownLines } = request;
  const kernelConsole = ownLines ? ownLineKernel : 'console=hvc0';
  const kernel = linuxCommandLine(kernelConsole, commonWords, request.append);
  // noreboot: after a panic Xen stops, and its message is the last thing on the console.
  const xen = xenCommandLine(
    `console=com1 com1=115200,8n1 dom0_mem=${dom0Memory}M noreboot`,
    kind,
    ownLines ? ownLineXen : undefined,
    request.xenAppend,
  );
  return {
    links: {
      [fileNames.xen]: files.xen,
      [fileNames.kernel]: request.kernel,
      [fileNames.initrd]: request.initrd,
    },
    kernel: fileNames.xen,
    initrd: `${doubleCommas(`${fileNames.kernel} ${kernel}`)},${fileNames.initrd}`,
    append: xen,
    kernelCommandLine: kernel,
    xenCommandLine: xen,
    hypervisorLine: ownLines,
  };
}
