import type { Iterations } from './iterations.js';
import type { WorkloadCost } from './types.js';

/**
 * The cost of one operation from the counts of every iteration.
 *
 * It is the mode of the totals: a timer tick inside an iteration, or a free
 * list that has to be refilled, makes that iteration an outlier instead of
 * smearing it into a mean that moves with everything which moves the ticks.
 * Of values that occur equally often the smallest counts. Where no value
 * occurs twice, it is the median (the lower one of an even number).
 *
 * @param iterations at least one
 */
export function costOf(iterations: Iterations): WorkloadCost {
  const { user, kernel, hypervisor } = iterations;
  const totals = user.map((count, i) => count + (kernel[i] ?? 0) + (hypervisor[i] ?? 0));
  if (totals.length === 0) throw new Error(`no iterations of ${iterations.workload}`);
  const sorted = totals.slice().sort();
  const mode = modeOf(sorted);
  const median = sorted[(sorted.length - 1) >> 1] ?? 0;
  const instructions = mode ?? median;
  return {
    workload: iterations.workload,
    iterations: totals.length,
    instructions,
    statistic: mode === undefined ? 'median' : 'mode',
    split: splitOf(iterations, totals, instructions),
    minimum: sorted[0] ?? 0,
    mean: totals.reduce((sum, total) => sum + total, 0) / totals.length,
    maximum: sorted[sorted.length - 1] ?? 0,
    disturbed: totals.reduce((n, total) => n + (total === instructions ? 0 : 1), 0),
  };
}

/** Most frequent value, the smallest of several; undefined when none repeats and there are several. */
function modeOf(sorted: Float64Array): number | undefined {
  if (sorted.length === 1) return sorted[0];
  let best: number | undefined;
  let most = 1;
  for (let from = 0, i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[from]) continue;
    if (i - from > most) {
      most = i - from;
      best = sorted[from];
    }
    from = i;
  }
  return best;
}

/**
 * The split into domains that is most frequent among the iterations that cost
 * exactly `instructions`; the earliest of several, so that equal counts give
 * equal splits.
 */
function splitOf(
  { user, kernel, hypervisor }: Iterations,
  totals: Float64Array,
  instructions: number,
): WorkloadCost['split'] {
  const seen = new Map<string, { split: WorkloadCost['split']; times: number }>();
  totals.forEach((total, i) => {
    if (total !== instructions) return;
    const split = {
      user: user[i] ?? 0,
      kernel: kernel[i] ?? 0,
      hypervisor: hypervisor[i] ?? 0,
    };
    const key = `${String(split.user)} ${String(split.kernel)}`;
    const entry = seen.get(key) ?? { split, times: 0 };
    entry.times++;
    seen.set(key, entry);
  });
  return [...seen.values()].reduce((best, one) => (one.times > best.times ? one : best)).split;
}

/**
 * The iteration that stands for all: the first that cost what `costOf` says, in every domain.
 * What is counted beside the instructions (site-counts.ts) is read off this one, so that it
 * belongs to an operation which really ran, and adds up.
 * @returns an index into `iterations`
 */
export function typicalIteration(iterations: Iterations): number {
  const { split } = costOf(iterations);
  return iterations.user.findIndex(
    (user, i) =>
      user === split.user &&
      iterations.kernel[i] === split.kernel &&
      iterations.hypervisor[i] === split.hypervisor,
  );
}
