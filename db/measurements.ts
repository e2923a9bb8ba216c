import type { WorkloadCost } from '../engine/measure/types.js';
import { unpackSamples } from './blobs.js';
import type { Connection, Statements } from './connection.js';
import type { MeasurementRecord, SampleRecord } from './records.js';
import { sql, toJson, type Sql } from './sql.js';

/** What the workloads of a run cost. Written by Runs.finish only, together with the run. */
export class Measurements {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Costs of one run, in the order they were measured. */
  ofRun(runId: number): Promise<MeasurementRecord[]> {
    return measurementsWhere(this.#connection, sql`run_id = ${runId}`);
  }

  /** Costs of every run of an experiment, run by run in the order of the plan. */
  ofExperiment(experimentId: number): Promise<MeasurementRecord[]> {
    return measurementsWhere(this.#connection, sql`experiment_id = ${experimentId}`);
  }

  /** Every iteration's counts in a run, of one workload or of all. */
  async samples(runId: number, workload?: string): Promise<SampleRecord[]> {
    const rows = await this.#connection.all<{ workload: string; counts: Buffer }>(sql`
      SELECT workload, counts FROM samples
      WHERE run_id = ${runId} AND (workload = ${workload ?? null} OR ${Number(workload === undefined)})
      ORDER BY id`);
    return Promise.all(
      rows.map(async (row) => ({ runId, ...(await unpackSamples(row.workload, row.counts)) })),
    );
  }
}

interface MeasurementRow {
  run_id: number;
  workload: string;
  iterations: number;
  instructions: number;
  statistic: string;
  split_user: number;
  split_kernel: number;
  split_hypervisor: number;
  minimum: number;
  mean: number;
  maximum: number;
  disturbed: number;
}

async function measurementsWhere(
  statements: Statements,
  condition: Sql,
): Promise<MeasurementRecord[]> {
  const rows = await statements.all<MeasurementRow>({
    text: `SELECT measurements.* FROM measurements JOIN runs ON runs.id = run_id
      WHERE ${condition.text}
      ORDER BY experiment_id, cell, repetition, run_id, measurements.id`,
    values: condition.values,
  });
  return rows.map((row) => ({
    runId: row.run_id,
    workload: row.workload,
    iterations: row.iterations,
    instructions: row.instructions,
    statistic: row.statistic as WorkloadCost['statistic'],
    split: { user: row.split_user, kernel: row.split_kernel, hypervisor: row.split_hypervisor },
    minimum: row.minimum,
    mean: row.mean,
    maximum: row.maximum,
    disturbed: row.disturbed,
  }));
}

/** All rows in one statement: one call of the driver a row is twenty times slower. */
export async function insertMeasurements(
  statements: Statements,
  runId: number,
  costs: WorkloadCost[],
): Promise<void> {
  await statements.run(sql`
    INSERT INTO measurements
      (run_id, workload, iterations, instructions, statistic,
       split_user, split_kernel, split_hypervisor, minimum, mean, maximum, disturbed)
    SELECT ${runId},
      value ->> 'workload', value ->> 'iterations', value ->> 'instructions', value ->> 'statistic',
      value ->> '$.split.user', value ->> '$.split.kernel', value ->> '$.split.hypervisor',
      value ->> 'minimum', value ->> 'mean', value ->> 'maximum', value ->> 'disturbed'
    FROM json_each(${toJson(costs)})`);
}

export async function insertSamples(
  statements: Statements,
  runId: number,
  samples: { workload: string; blob: Uint8Array }[],
): Promise<void> {
  for (const { workload, blob } of samples) {
    await statements.run(sql`
      INSERT INTO samples (run_id, workload, counts) VALUES (${runId}, ${workload}, ${blob})`);
  }
}
