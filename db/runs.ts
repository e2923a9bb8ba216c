import type { EnvironmentName } from '../engine/boot/types.js';
import type { Milliseconds, Sha256 } from '../engine/units.js';
import { hashCounts, packConsole, packSamples, unpackConsole } from './blobs.js';
import type { Connection, Statements } from './connection.js';
import { insertMeasurements, insertSamples } from './measurements.js';
import { thisOwner } from './owner.js';
import type { ConsoleRecord, NewRun, RunRecord, RunResult } from './records.js';
import { runsWhere } from './run-rows.js';
import { sql, toJson } from './sql.js';

/** What a run to come is like, to guess how long it will take. */
export interface RunLike {
  environment: EnvironmentName;
  imageSha256: Sha256;
  label: string;
  inputHash?: Sha256 | undefined;
}

/** Boots, each stored as it happens: when it starts, and whole when it ends. */
export class Runs {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Records that this process starts a run. Should it die, the run is `interrupted`. */
  start(run: NewRun): Promise<RunRecord> {
    return this.#connection.transaction(async (transaction) => {
      const { lastId } = await transaction.run(sql`
        INSERT INTO runs
          (experiment_id, cell, repetition, image_sha256, label, environment, state, owner,
           input_hash, program, argv, kernel_command_line, xen_command_line, versions, cpu,
           started_at)
        VALUES
          (${run.experimentId}, ${run.cell}, ${run.repetition}, ${run.imageSha256}, ${run.label},
           ${run.environment}, 'running', ${thisOwner()},
           ${run.inputHash}, ${run.program}, ${toJson(run.argv)}, ${run.kernelCommandLine},
           ${run.xenCommandLine}, ${toJson(run.versions)}, ${run.cpu},
           ${new Date().toISOString()})`);
      return existing(transaction, lastId);
    });
  }

  /**
   * Stores what a run left behind, in one transaction, and compares its counts
   * with those of every earlier run with equal inputs: `differsFrom` of the
   * record returned names the runs that disagree.
   *
   * Samples belong to a measured workload; give them for every workload or for
   * none, since runs are compared by them.
   *
   * @throws Error when the run is not this process's own, has ended before, or
   *   its samples make no sense (bugs of the caller)
   */
  async finish(id: number, result: RunResult): Promise<RunRecord> {
    checkSamples(result);
    // Compressed before the transaction, which others have to wait for.
    const console = await packConsole({
      bytes: result.console,
      truncated: result.consoleTruncated,
    });
    const samples = await Promise.all(
      result.samples.map(async (one) => ({ workload: one.workload, blob: await packSamples(one) })),
    );
    const countsHash = result.state === 'done' ? hashCounts(result) : null;
    return this.#connection.transaction(async (transaction) => {
      await storeResult(transaction, id, result, countsHash);
      await transaction.run(sql`
        INSERT INTO consoles (run_id, deflated, truncated)
        VALUES (${id}, ${console.deflated}, ${Number(console.truncated)})`);
      await insertMeasurements(transaction, id, result.measurements);
      await insertSamples(transaction, id, samples);
      await recordDifferences(transaction, id);
      return existing(transaction, id);
    });
  }

  /** Records that a run of this process will leave nothing: its emulator never started, or was lost. */
  async abandon(id: number): Promise<void> {
    await this.#connection.run(sql`
      UPDATE runs SET state = 'interrupted', finished_at = ${new Date().toISOString()}
      WHERE id = ${id} AND owner = ${thisOwner()} AND state = 'running'`);
  }

  async byId(id: number): Promise<RunRecord | undefined> {
    return (await runsWhere(this.#connection, sql`id = ${id}`))[0];
  }

  /** Runs of an experiment in the order of its plan: cell, then repetition, then time. */
  ofExperiment(experimentId: number): Promise<RunRecord[]> {
    return runsWhere(this.#connection, sql`experiment_id = ${experimentId}`);
  }

  /** The serial console of a run; undefined when the run has not ended, or was interrupted. */
  async console(id: number): Promise<ConsoleRecord | undefined> {
    const row = await this.#connection.get<{ deflated: Buffer; truncated: number }>(
      sql`SELECT deflated, truncated FROM consoles WHERE run_id = ${id}`,
    );
    return row && { bytes: await unpackConsole(row.deflated), truncated: row.truncated === 1 };
  }

  /**
   * Wall time to expect of a run, for progress only: the median of the last five
   * completed runs in the same environment that are most like it, by equal
   * inputs, else the same image, else the same label. Undefined when there is none.
   */
  async expectedWall(like: RunLike): Promise<Milliseconds | undefined> {
    const rows = await this.#connection.all<{ wall: number; likeness: number }>(sql`
      SELECT wall, CASE
          WHEN input_hash = ${like.inputHash ?? null} THEN 3
          WHEN image_sha256 = ${like.imageSha256} THEN 2
          WHEN label = ${like.label} THEN 1
          ELSE 0
        END AS likeness
      FROM runs
      WHERE environment = ${like.environment} AND state = 'done'
      ORDER BY likeness DESC, id DESC LIMIT 5`);
    const walls = rows
      .filter(({ likeness }) => likeness === rows[0]?.likeness)
      .map(({ wall }) => wall)
      .sort((a, b) => a - b);
    return walls[walls.length >> 1];
  }

  /** The latest completed run in the same environment that is most like it, by image, else by label. */
  async mostLike({ imageSha256, label, environment }: RunLike): Promise<RunRecord | undefined> {
    const likest = sql`id = (
      SELECT id FROM runs WHERE environment = ${environment} AND state = 'done'
      ORDER BY image_sha256 = ${imageSha256} DESC, label = ${label} DESC, id DESC LIMIT 1)`;
    return (await runsWhere(this.#connection, likest))[0];
  }
}

async function existing(statements: Statements, id: number): Promise<RunRecord> {
  const [run] = await runsWhere(statements, sql`id = ${id}`);
  if (!run) throw new Error(`there is no run ${id}`);
  return run;
}

function checkSamples({ measurements, samples }: RunResult): void {
  for (const { workload, user, kernel, hypervisor } of samples) {
    if (!measurements.some((measured) => measured.workload === workload)) {
      throw new Error(`samples of "${workload}", which was not measured`);
    }
    if (user.length !== kernel.length || user.length !== hypervisor.length) {
      throw new Error(`samples of "${workload}" are not equally many in every domain`);
    }
  }
}

/** Ends a run that this process owns, also one that was taken for interrupted by mistake. */
async function storeResult(
  statements: Statements,
  id: number,
  result: RunResult,
  countsHash: Sha256 | null,
): Promise<void> {
  const { bootInstructions: boot, xenVersion = null } = result;
  const { changes } = await statements.run(sql`
    UPDATE runs SET
      state = ${result.state},
      outcome = ${result.outcome},
      evidence = ${result.evidence},
      finished_at = ${new Date().toISOString()},
      wall = ${result.wall},
      boot_user = ${boot?.user ?? null},
      boot_kernel = ${boot?.kernel ?? null},
      boot_hypervisor = ${boot?.hypervisor ?? null},
      mem_total_kib = ${result.memTotalKiB},
      memory_line = ${result.memoryLine},
      versions = CASE WHEN ${xenVersion} IS NULL THEN versions
                      ELSE json_set(versions, '$.xen', ${xenVersion}) END,
      counts_hash = ${countsHash}
    WHERE id = ${id} AND owner = ${thisOwner()} AND outcome IS NULL`);
  if (changes !== 1) throw new Error(`run ${id} is not one that this process can finish`);
}

async function recordDifferences(statements: Statements, id: number): Promise<void> {
  await statements.run(sql`
    INSERT INTO run_differences (run_id, earlier_run_id)
    SELECT run.id, earlier.id FROM runs AS run
    JOIN runs AS earlier ON earlier.input_hash = run.input_hash AND earlier.id <> run.id
    WHERE run.id = ${id} AND earlier.counts_hash <> run.counts_hash`);
}
