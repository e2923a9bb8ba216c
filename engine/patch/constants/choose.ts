import type { EnvironmentName, Machine, QemuEmulator } from '../../boot/index.js';
import type { JobOptions } from '../../progress.js';
import type { Workspace } from '../../workspace/types.js';
import type { SignedAddress } from '../../kernel/address.js';
import type { PatchKernel } from '../kernel.js';
import type { KernelMemory } from '../types.js';
import { applyConstants, type ConstantPlan } from './apply.js';
import { profile } from './profile.js';
import { readVariables } from './read.js';
import { variablesNamed } from './variables.js';

export interface ChooseRequest {
  kernel: PatchKernel;
  /** The bzImage that `kernel` was read from. */
  file: string;
  environment: EnvironmentName;
  machine: Machine;
  /** Memory of the kernel after boot, for the values. */
  memory: KernelMemory;
  /** Names of variables. */
  symbols: readonly string[];
  /** Take variables that may change, too. */
  force?: boolean | undefined;
}

/**
 * What becomes of the loads of some variables, and whether it can be done: boots the kernel once
 * more, to see whether code that boots reads them before they are set.
 * @throws patch-constant-unknown, patch-constant-no-size, patch-constant-unsafe, boot-*, cancelled
 */
export async function chooseConstants(
  services: { workspace: Workspace; emulator: QemuEmulator },
  { kernel, memory, symbols, force, ...boot }: ChooseRequest,
  options: JobOptions = {},
): Promise<ConstantPlan[]> {
  const { sites } = readVariables(kernel, variablesNamed(kernel, symbols));
  // Variables that no instruction names are refused nothing: there is nothing to count either.
  const seen =
    sites.address.length === 0
      ? undefined
      : await profile(services, { kernel, sites, workloads: [], ...boot }, options);
  return applyConstants(kernel, memory, symbols, { force, profile: seen });
}

/** What plans write: code, and fields that KASLR corrects. */
export interface ConstantWrites {
  writes: { address: SignedAddress; bytes: Uint8Array }[];
  dropped: Set<SignedAddress>;
  added: Set<SignedAddress>;
}

/** Puts the loads of several plans together. */
export function writesOf(plans: readonly ConstantPlan[]): ConstantWrites {
  const loads = plans.flatMap((plan) => plan.loads);
  return {
    writes: loads.flatMap(({ address, after }) => (after ? [{ address, bytes: after }] : [])),
    dropped: new Set(loads.flatMap(({ dropped }) => dropped)),
    added: new Set(loads.flatMap(({ added }) => added)),
  };
}
