import { Connection } from './connection.js';
import { Experiments } from './experiments.js';
import { Images } from './images.js';
import { Locks } from './locks.js';
import { Measurements } from './measurements.js';
import { migrate } from './migrate.js';
import { reclaim } from './reclaim.js';
import { Runs } from './runs.js';

/** The tables of lab.sqlite, by subject. Only the modules of this folder speak SQL. */
export interface LabDatabase {
  readonly images: Images;
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly measurements: Measurements;
  readonly locks: Locks;
  /** Marks what other processes left behind that have died since the database was opened. */
  reclaim(): Promise<void>;
  /** Waits for what was asked before, then closes. */
  close(): Promise<void>;
}

/**
 * Opens the database of a workspace, makes or upgrades its tables, and marks
 * the runs of dead processes as interrupted. Several processes may have it open.
 *
 * Every method may throw database-busy, database-full, database-unwritable and
 * database-damaged, besides what it names itself.
 *
 * @throws database-newer when a later version of the lab has been here
 */
export async function openLabDatabase(file: string): Promise<LabDatabase> {
  const connection = await Connection.open(file);
  try {
    await migrate(connection);
    await reclaim(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    images: new Images(connection),
    experiments: new Experiments(connection),
    runs: new Runs(connection),
    measurements: new Measurements(connection),
    locks: new Locks(connection),
    reclaim: () => reclaim(connection),
    close: () => connection.close(),
  };
}
