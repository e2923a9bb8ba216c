import { commonWords, linuxCommandLine } from './command-line.js';
import { fileNames, type Environment } from './types.js';

/** The kernel on the emulated machine itself, its console on the first serial port. */
export const bare: Environment = {
  name: 'bare',
  summary: 'on the emulated PC itself, without a hypervisor',
  needsXen: false,
  needsFirmware: false,
  parts(request) {
    const commandLine = linuxCommandLine('console=ttyS0', commonWords, request.append);
    return {
      links: { [fileNames.kernel]: request.kernel, [fileNames.initrd]: request.initrd },
      kernel: fileNames.kernel,
      initrd: fileNames.initrd,
      append: commandLine,
      kernelCommandLine: commandLine,
    };
  },
};
