import type { EnvironmentName, Machine } from '../boot/types.js';
import type { Sha256 } from '../units.js';

/** One boot the plan asks for: an image in an environment. */
export interface PlannedCell {
  /** Digest of the bzImage. */
  image: Sha256;
  /** Column title: `native`, `xen`, `multi`, or the imported file's name. */
  label: string;
  environment: EnvironmentName;
}

/**
 * Everything that decides an experiment's figures. Two plans with the same
 * hash must give the same counts, on any machine.
 */
export interface Plan {
  schema: 1;
  cells: PlannedCell[];
  workloads: string[];
  /** Boots of every cell; each must count the same. */
  repeat: number;
  machine: Machine;
  /** Extra words for the guest kernel's command line. */
  append: string;
}
