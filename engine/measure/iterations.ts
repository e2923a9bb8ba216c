import { measureErrors } from '../errors/measure.js';
import type { MarkerTable } from './counter-file.js';
import { workloadMarker } from './marker-codes.js';
import type { WorkloadName } from './types.js';
import { workloadById } from './workloads.js';

/** Counts of every counted iteration of one workload, in order: arrays of equal length. */
export interface Iterations {
  workload: WorkloadName;
  user: Float64Array;
  kernel: Float64Array;
  hypervisor: Float64Array;
}

/**
 * Pairs begin and end markers and drops each workload's warm-up.
 * @returns the workloads in the order in which they ran; one that ended early has fewer iterations
 * @throws counter-file-malformed when markers do not pair
 */
export function iterationsOf(table: MarkerTable, file: string): Iterations[] {
  const spans = new Map<number, { begin: number[]; end: number[] }>();
  let open: { id: number; index: number } | undefined;
  for (let index = 0; index < table.length; index++) {
    const marker = workloadMarker(table.code[index] ?? 0);
    if (marker === undefined) continue;
    if (marker.begins !== (open === undefined) || (open && open.id !== marker.id)) {
      throw measureErrors.counterFile({ file, why: `record ${String(index)} does not pair` });
    }
    if (marker.begins) {
      open = { id: marker.id, index };
      continue;
    }
    const span = spans.get(marker.id) ?? { begin: [], end: [] };
    span.begin.push(open?.index ?? 0);
    span.end.push(index);
    spans.set(marker.id, span);
    open = undefined;
  }
  return [...spans].map(([id, span]) => countsOf(table, id, span, file));
}

function countsOf(
  table: MarkerTable,
  id: number,
  span: { begin: number[]; end: number[] },
  file: string,
): Iterations {
  const workload = workloadById(id);
  if (workload === undefined) {
    throw measureErrors.counterFile({ file, why: `it has a workload of unknown id ${String(id)}` });
  }
  const begin = span.begin.slice(workload.warmUp);
  const end = span.end.slice(workload.warmUp);
  const difference = (totals: Float64Array): Float64Array =>
    Float64Array.from(begin, (from, i) => (totals[end[i] ?? 0] ?? 0) - (totals[from] ?? 0));
  return {
    workload: workload.name,
    user: difference(table.user),
    kernel: difference(table.kernel),
    hypervisor: difference(table.hypervisor),
  };
}
