import type { z } from 'zod';
import { defaultMachine, type BootCommand } from '../boot/index.js';
import type { observeDocument } from '../contract.js';
import type { PatchKernel } from '../patch/kernel.js';
import {
  attribute,
  digestOf,
  readableTables,
  type Observation,
  type ObserveRequest,
} from '../patch/observe/index.js';
import { changesReport, observationReport } from '../patch/observe/report.js';

type Document = z.infer<typeof observeDocument>;

/**
 * What a boot made of a kernel, as `kbl observe --json` prints it.
 * @param name the image's in the workspace; null for a file
 * @param observation absent where the boot was only planned
 */
export function observeDocumentOf(
  { kernel, file, environment, machine: { cpu } = defaultMachine }: ObserveRequest,
  name: string | null,
  command: Pick<BootCommand, 'program' | 'argv' | 'kernelCommandLine' | 'xenCommandLine'>,
  observation?: Observation,
): Document {
  const { program, argv, kernelCommandLine, xenCommandLine = null } = command;
  return {
    ...{ schema: 'kbl-observe', version: 1, environment, cpu },
    image: { file, sha256: digestOf(kernel.bzImage.bytes), name },
    command: { program, argv, kernelCommandLine, xenCommandLine },
    observation: observation ? observationReport(observation) : null,
    changes: observation ? changesOf(kernel, observation) : null,
  };
}

function changesOf(kernel: PatchKernel, { memory }: Observation): Document['changes'] {
  const { tables, unread } = readableTables(kernel);
  return changesReport(kernel, attribute(kernel, memory, tables), unread);
}
