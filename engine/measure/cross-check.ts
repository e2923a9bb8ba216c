import type { Instructions } from '../units.js';
import type { WorkloadCost } from './types.js';
import { calibration, workloadByName } from './workloads.js';

/**
 * Two instruments, one figure. Under `-icount shift=0` rdtsc counts executed
 * instructions; the guest reads it right around each pair of markers. So for
 * the cheapest iteration of a workload
 *
 *     plugin = rdtsc - rdtsc of `empty` + faults
 *
 * exactly: an instruction that faults is counted by the plugin each time it
 * starts, by `-icount` only when it completes. Only workloads without faults
 * are checked in every environment: under Xen PV the kernel's own writes to
 * page tables fault too, and Xen completes them.
 */

/** Instructions between the two time stamps of `empty` (BEGIN and END in workload.c). */
const emptyTsc: Instructions = 6;

export interface Disagreement {
  workload: string;
  plugin: Instructions;
  tsc: Instructions;
}

export type CrossCheck =
  | { checked: true; disagreements: Disagreement[] }
  /** rdtsc does not count instructions here (it traps, or is scaled). */
  | { checked: false; emptyTsc: Instructions | undefined };

/**
 * @param costs every workload's cost in a run, from the counter plugin
 * @param tsc   the guest's own figures, by workload (GuestReport.tsc)
 */
export function crossCheck(
  costs: readonly WorkloadCost[],
  tsc: ReadonlyMap<string, Instructions>,
): CrossCheck {
  const empty = tsc.get(calibration.name);
  if (empty !== emptyTsc) return { checked: false, emptyTsc: empty };
  const disagreements: Disagreement[] = [];
  for (const { workload, minimum } of costs) {
    const seen = tsc.get(workload);
    if (seen === undefined || workloadByName(workload)?.faults !== 0) continue;
    if (seen - empty !== minimum) {
      disagreements.push({ workload, plugin: minimum, tsc: seen - empty });
    }
  }
  return { checked: true, disagreements };
}
