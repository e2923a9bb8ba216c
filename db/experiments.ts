import { databaseErrors } from '../engine/errors/database.js';
import type { Plan } from '../engine/experiment/types.js';
import type { Connection, Statements } from './connection.js';
import { freeName, type NameOptions } from './names.js';
import { isAlive, pidOf, thisOwner } from './owner.js';
import type { ExperimentRecord, ExperimentState, NewExperiment } from './records.js';
import { sql, toJson, type Sql } from './sql.js';

/** Named sets of runs. An experiment that is running belongs to a process. */
export class Experiments {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Records a plan under a name, in state `planned`. @throws name-taken, name-invalid */
  create(experiment: NewExperiment, options?: NameOptions): Promise<ExperimentRecord> {
    return this.#connection.transaction(async (transaction) => {
      const isTaken = nameIsTaken(transaction);
      const name = await freeName('experiment', experiment.name, isTaken, options);
      const { lastId } = await transaction.run(sql`
        INSERT INTO experiments (name, note, plan, plan_hash, state, created_at)
        VALUES (${name}, ${experiment.note}, ${toJson(experiment.plan)}, ${experiment.planHash},
                'planned', ${new Date().toISOString()})`);
      return existing(transaction, lastId);
    });
  }

  /**
   * Refuses what cannot be a new experiment's name, before the long work that leads to one.
   * @throws name-taken, name-invalid
   */
  async requireFree(name: string): Promise<void> {
    await freeName('experiment', name, nameIsTaken(this.#connection));
  }

  /**
   * Moves an experiment to a state. `running` makes this process its owner.
   * @throws experiment-unknown, experiment-busy when another living process runs it
   */
  setState(id: number, state: ExperimentState): Promise<ExperimentRecord> {
    return this.#connection.transaction(async (transaction) => {
      const { owner, name } = await existingRow(transaction, id);
      if (owner !== null && owner !== thisOwner() && isAlive(owner)) {
        throw databaseErrors.experimentBusy({ name, pid: pidOf(owner) });
      }
      const ended = state !== 'planned' && state !== 'running';
      await transaction.run(sql`
        UPDATE experiments SET
          state = ${state},
          owner = ${state === 'running' ? thisOwner() : null},
          finished_at = ${ended ? new Date().toISOString() : null}
        WHERE id = ${id}`);
      return existing(transaction, id);
    });
  }

  /** Changes the name or the note. @throws experiment-unknown, name-taken, name-invalid */
  describe(id: number, change: { name?: string; note?: string }): Promise<ExperimentRecord> {
    return this.#connection.transaction(async (transaction) => {
      const { name, note } = await existingRow(transaction, id);
      const { name: newName = name, note: newNote = note } = change;
      if (newName !== name) await freeName('experiment', newName, nameIsTaken(transaction));
      await transaction.run(sql`
        UPDATE experiments SET name = ${newName}, note = ${newNote} WHERE id = ${id}`);
      return existing(transaction, id);
    });
  }

  /** @throws experiment-unknown, experiment-busy while a living process runs it */
  async requireIdle(id: number): Promise<void> {
    refuseBusy(await existingRow(this.#connection, id));
  }

  /**
   * Forgets an experiment and everything its runs counted.
   * @throws experiment-unknown, experiment-busy while a living process runs it
   */
  remove(id: number): Promise<void> {
    return this.#connection.transaction(async (transaction) => {
      refuseBusy(await existingRow(transaction, id));
      await transaction.run(sql`DELETE FROM experiments WHERE id = ${id}`);
    });
  }

  async byId(id: number): Promise<ExperimentRecord | undefined> {
    return (await allExperiments(this.#connection, sql`WHERE id = ${id}`)).map(toRecord)[0];
  }

  /** The experiment a user means, by its name or its id. @throws experiment-unknown */
  async find(reference: string): Promise<ExperimentRecord> {
    const [named] = await allExperiments(this.#connection, sql`WHERE name = ${reference}`);
    if (named) return toRecord(named);
    const id = /^[0-9]{1,15}$/.test(reference) ? Number(reference) : undefined;
    const experiment = id === undefined ? undefined : await this.byId(id);
    if (!experiment) throw databaseErrors.experimentUnknown({ reference });
    return experiment;
  }

  /** Every experiment, in the order they were made. */
  async list(): Promise<ExperimentRecord[]> {
    return (await allExperiments(this.#connection, sql``)).map(toRecord);
  }
}

/** @throws experiment-busy */
function refuseBusy({ owner, name }: ExperimentRow): void {
  if (owner === null || !isAlive(owner)) return;
  throw databaseErrors.experimentBusy({ name, pid: pidOf(owner) });
}

function nameIsTaken(statements: Statements): (name: string) => Promise<boolean> {
  return async (name) =>
    (await statements.get(sql`SELECT 1 FROM experiments WHERE name = ${name}`)) !== undefined;
}

interface ExperimentRow {
  id: number;
  name: string;
  note: string;
  plan: string;
  plan_hash: string;
  state: string;
  owner: string | null;
  created_at: string;
  finished_at: string | null;
}

function allExperiments(statements: Statements, where: Sql): Promise<ExperimentRow[]> {
  const text = `SELECT * FROM experiments ${where.text} ORDER BY id`;
  return statements.all<ExperimentRow>({ text, values: where.values });
}

async function existingRow(statements: Statements, id: number): Promise<ExperimentRow> {
  const [row] = await allExperiments(statements, sql`WHERE id = ${id}`);
  if (!row) throw databaseErrors.experimentUnknown({ reference: String(id) });
  return row;
}

async function existing(statements: Statements, id: number): Promise<ExperimentRecord> {
  return toRecord(await existingRow(statements, id));
}

function toRecord(row: ExperimentRow): ExperimentRecord {
  return {
    id: row.id,
    name: row.name,
    note: row.note,
    plan: JSON.parse(row.plan) as Plan,
    planHash: row.plan_hash,
    state: row.state as ExperimentState,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
