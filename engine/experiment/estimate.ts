import type { MeasurementRecord, RunRecord } from '../../db/records.js';
import type { Milliseconds } from '../units.js';
import type { Workspace } from '../workspace/types.js';
import type { Plan } from './types.js';

/** What an earlier run tells of how long one of other workloads takes. */
export interface EarlierRun {
  run: Pick<RunRecord, 'wall' | 'bootInstructions'>;
  measurements: readonly Pick<MeasurementRecord, 'workload' | 'mean' | 'iterations'>[];
}

/**
 * Wall time of a run with these workloads: emulated instructions take the time that they took before,
 * and an earlier run says how many boot and each workload execute. A workload that it does not have
 * counts as an average one of those that it has. Pure. Undefined where it tells nothing.
 */
export function expectedWall(
  { run: { wall, bootInstructions }, measurements }: EarlierRun,
  workloads: readonly string[],
): Milliseconds | undefined {
  if (wall === null || bootInstructions === null) return undefined;
  const { user, kernel, hypervisor } = bootInstructions;
  const boot = user + kernel + hypervisor;
  const costs = new Map(measurements.map((one) => [one.workload, one.mean * one.iterations]));
  const measured = [...costs.values()].reduce((sum, cost) => sum + cost, 0);
  if (boot + measured === 0) return undefined;
  const average = costs.size === 0 ? 0 : measured / costs.size;
  const asked = workloads.reduce((sum, name) => sum + (costs.get(name) ?? average), 0);
  return (wall * (boot + asked)) / (boot + measured);
}

export interface Estimate {
  /** Of the boots that earlier runs tell something of. */
  wall: Milliseconds;
  /** Boots of which they tell nothing. */
  unknown: number;
}

/** How long a plan takes, by the latest run that is most like each of its boots. */
export async function estimate(
  { database }: Pick<Workspace, 'database'>,
  { cells, workloads, repeat }: Pick<Plan, 'cells' | 'workloads' | 'repeat'>,
): Promise<Estimate> {
  const walls = await Promise.all(
    cells.map(async ({ image: imageSha256, label, environment }) => {
      const run = await database.runs.mostLike({ imageSha256, label, environment });
      if (run === undefined) return undefined;
      return expectedWall(
        { run, measurements: await database.measurements.ofRun(run.id) },
        workloads,
      );
    }),
  );
  const known = walls.filter((wall) => wall !== undefined);
  return {
    wall: Math.round(known.reduce((sum, wall) => sum + wall, 0) * repeat),
    unknown: (walls.length - known.length) * repeat,
  };
}
