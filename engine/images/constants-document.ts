import type { z } from 'zod';
import type { ImageRecord } from '../../db/records.js';
import { defaultMachine, type EnvironmentName } from '../boot/index.js';
import type { constantsDocument } from '../contract.js';
import { openFileSource } from '../elf/index.js';
import { workspaceEmulator } from '../experiment/emulator.js';
import { addressText } from '../kernel/address.js';
import type { WorkloadName } from '../measure/types.js';
import { findConstants, type Constants } from '../patch/constants/constants.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import { openImageKernel } from './patch-kernel.js';

type Document = z.infer<typeof constantsDocument>;

export interface ConstantsOfImage {
  environment: EnvironmentName;
  /** QEMU's CPU model. */
  cpu: string;
  workloads: readonly WorkloadName[];
}

/**
 * Read-mostly variables of an image, as `kbl constants --json` prints them: boots it to see their
 * values, and again to count what reads them.
 * @throws see openImageKernel and findConstants
 */
export async function constantsOfImage(
  workspace: Workspace,
  image: ImageRecord,
  { environment, cpu, workloads }: ConstantsOfImage,
  options: JobOptions = {},
): Promise<Document> {
  const { kernel, vmlinux: symbols } = await openImageKernel(workspace, image, options);
  const vmlinux = symbols === undefined ? undefined : openFileSource(symbols);
  try {
    const found = await findConstants(
      { workspace, emulator: workspaceEmulator(workspace) },
      {
        ...{ kernel, vmlinux, workloads, environment },
        file: workspace.store.path(image.sha256),
        machine: { ...defaultMachine, cpu },
      },
      options,
    );
    const { name, sha256 } = image;
    return documentOf(found, { image: { name, sha256 }, namesFrom: kernel.namesFrom });
  } finally {
    vmlinux?.close();
  }
}

function documentOf(
  { observation, variables, relocated, ranked, totals }: Constants,
  names: Pick<Document, 'image' | 'namesFrom'>,
): Document {
  return {
    schema: 'kbl-constants',
    version: 1,
    ...names,
    ...{ environment: observation.environment, cpu: observation.cpu, variables, totals },
    loads: ranked.reduce((sum, { loads }) => sum + loads, 0),
    relocations: relocated ?? null,
    ranked: ranked.map((row) => ({ ...row, address: addressText(row.address) })),
  };
}
