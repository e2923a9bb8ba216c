import { patchErrors } from '../../errors/patch.js';
import type { EnvironmentName, Machine, QemuEmulator } from '../../boot/index.js';
import type { ByteSource } from '../../elf/index.js';
import type { WorkloadName } from '../../measure/types.js';
import type { JobOptions } from '../../progress.js';
import type { Workspace } from '../../workspace/types.js';
import type { PatchKernel } from '../kernel.js';
import { observe, type Observation } from '../observe/index.js';
import { profile } from './profile.js';
import { rankVariables, totalLoads, type RankedVariable, type WorkloadLoads } from './ranking.js';
import { readVariables } from './read.js';
import { relocatedReferences, type RelocatedReferences } from './relocated.js';
import { constantRanges, variablesIn } from './variables.js';

export interface ConstantsRequest {
  kernel: PatchKernel;
  /** The bzImage that `kernel` was read from. */
  file: string;
  /** Its vmlinux, for its relocations. */
  vmlinux?: ByteSource | undefined;
  environment: EnvironmentName;
  machine: Machine;
  workloads: readonly WorkloadName[];
}

/** Variables that a kernel reads and hardly writes, and how often workloads read them. */
export interface Constants {
  observation: Observation;
  /** Variables of the two classes, those among them that nothing reads too. */
  variables: number;
  /** Undefined without a vmlinux that has relocations. */
  relocated: RelocatedReferences | undefined;
  ranked: RankedVariable[];
  /** By workload. */
  totals: WorkloadLoads[];
}

/**
 * Boots a kernel to see the values of its variables, and again to count its loads.
 * @throws patch-constants-nowhere, patch-*, boot-*, counter-file-malformed, cancelled
 */
export async function findConstants(
  services: { workspace: Workspace; emulator: QemuEmulator },
  { kernel, vmlinux, ...boot }: ConstantsRequest,
  options: JobOptions = {},
): Promise<Constants> {
  const read = readVariables(kernel, variablesIn(kernel, constantRanges(kernel)));
  const { variables, references, sites } = read;
  if (read.loads.length === 0) throw patchErrors.constantsNowhere({ file: kernel.label });
  const observation = await observe(services, { kernel, ...boot }, options);
  const { executions, memory } = await profile(services, { kernel, sites, ...boot }, options);
  const values = { memory: observation.memory, later: memory };
  const ranked = rankVariables({ kernel, read, executions, ...values });
  return {
    ...{ observation, ranked, variables: variables.length },
    relocated: vmlinux && relocatedReferences(kernel, vmlinux, variables, references),
    totals: totalLoads(ranked, boot.workloads),
  };
}
