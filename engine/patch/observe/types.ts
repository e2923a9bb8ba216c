import type { BootCommand, EnvironmentName, Machine, QemuEmulator } from '../../boot/index.js';
import type { Milliseconds, Sha256 } from '../../units.js';
import type { Workspace } from '../../workspace/types.js';
import type { AddressRange, PatchKernel } from '../kernel.js';
import type { Target } from '../types.js';
import type { PhysicalAddress } from './anchor.js';

export interface ObserveServices {
  workspace: Workspace;
  emulator: QemuEmulator;
}

export interface ObserveRequest {
  kernel: PatchKernel;
  /** The bzImage that `kernel` was read from. */
  file: string;
  environment: EnvironmentName;
  /** `defaultMachine` when absent. */
  machine?: Machine | undefined;
  /** Words appended to the kernel's command line. */
  append?: string | undefined;
  /** Words appended to Xen's command line. */
  xenAppend?: string | undefined;
}

/** What the memory of a booted kernel was, and how it came to be: all that is kept of it. */
export interface ObservationRecord {
  /** Digest of everything that decides what the guest does (engine/boot/input-hash.ts). */
  inputHash: Sha256;
  /** Digest of the bzImage. */
  image: Sha256;
  environment: EnvironmentName;
  machine: Machine;
  command: Pick<
    BootCommand,
    'program' | 'argv' | 'kernelCommandLine' | 'xenCommandLine' | 'versions'
  >;
  /** What the snapshot holds. */
  range: AddressRange;
  /** Where that was in the machine. */
  physical: PhysicalAddress;
  /**
   * The guest stopped its machine itself, between two instructions: the same inputs give the same
   * memory. Else it was stopped from outside, and what timers change may differ.
   */
  exact: boolean;
  /** Digest of the memory. */
  sha256: Sha256;
  console: string;
  wall: Milliseconds;
}

/** A kernel that was booted once: what families resolve for, and where it came from. */
export interface Observation extends Target, ObservationRecord {
  /** It was observed before, and found again. */
  cached: boolean;
}
