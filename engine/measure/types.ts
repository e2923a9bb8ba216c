import type { Instructions } from '../units.js';

/**
 * Guest instructions split by privilege domain. The domain of an instruction
 * is the address range it was fetched from (docs/measuring.md).
 */
export interface DomainCounts {
  user: Instructions;
  kernel: Instructions;
  hypervisor: Instructions;
}

export const domains = ['user', 'kernel', 'hypervisor'] as const;
export type Domain = (typeof domains)[number];

/** Name of a workload, as in `--workloads` and in tables: `null`, `fork_exit`. */
export type WorkloadName = string;

/** What one workload cost in one run, after every iteration was counted. */
export interface WorkloadCost {
  workload: WorkloadName;
  /** Counted iterations (warm-up not among them). */
  iterations: number;
  /** Cost of one operation: the mode, or the median where no value repeats. */
  instructions: Instructions;
  /** Which of the two `instructions` is. */
  statistic: 'mode' | 'median';
  /** The split of an iteration that cost exactly `instructions`; the parts add up to it. */
  split: DomainCounts;
  minimum: Instructions;
  mean: Instructions;
  maximum: Instructions;
  /** Iterations whose cost is not `instructions`. */
  disturbed: number;
}
