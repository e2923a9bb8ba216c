import { createHash } from 'node:crypto';
import { measureErrors } from '../errors/measure.js';
import { workloadByName, workloads } from '../measure/workloads.js';
import type { WorkloadName } from '../measure/types.js';
import type { Sha256 } from '../units.js';
import type { Plan } from './types.js';

/**
 * Digest of everything in a plan that decides figures: labels and the number
 * of repetitions do not.
 */
export function planHash(plan: Plan): Sha256 {
  const decisive = [
    plan.schema,
    plan.cells.map(({ image, environment }) => [image, environment]),
    plan.workloads,
    [plan.machine.cpu, plan.machine.memory, plan.machine.dom0Memory],
    plan.append,
  ];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}

/**
 * The workloads a user asks for, in the order of the table; all of them when
 * nothing is asked for.
 * @throws workload-unknown
 */
export function chooseWorkloads(asked: readonly string[] | undefined): WorkloadName[] {
  const known = workloads.map(({ name }) => name);
  if (asked === undefined || asked.length === 0) return known;
  for (const name of asked) {
    if (!known.includes(name)) throw measureErrors.unknownWorkload({ name, known });
  }
  return known.filter((name) => asked.includes(name));
}

/** Iterations, warm-up among them, that a run of these workloads makes. */
export function plannedIterations(names: readonly WorkloadName[]): Map<WorkloadName, number> {
  return new Map(names.map((name) => [name, workloadByName(name)?.iterations ?? 0]));
}
