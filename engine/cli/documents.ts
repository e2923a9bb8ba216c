import type { z } from 'zod';
import type { BootCommand } from '../boot/index.js';
import type { bootDocument } from '../contract.js';

/** Parts that the documents of several verbs share. */

/** An emulator command as `--json` shows it. */
export function commandDocument(command: BootCommand): z.infer<typeof bootDocument>['command'] {
  return {
    program: command.program,
    argv: command.argv,
    kernelCommandLine: command.kernelCommandLine,
    xenCommandLine: command.xenCommandLine ?? null,
  };
}
