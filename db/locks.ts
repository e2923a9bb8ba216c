import type { Connection } from './connection.js';
import { isAlive, pidOf, thisOwner } from './owner.js';
import type { LockHolder } from './records.js';
import { sql } from './sql.js';

/** Named locks among all processes that use the database. Each belongs to a process and dies with it. */
export class Locks {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Takes a lock and returns undefined, or returns who holds it. A lock whose
   * owner has died is taken over. Locks are not reentrant, and to be released
   * by whoever took them.
   */
  async tryAcquire(name: string, what: string): Promise<LockHolder | undefined> {
    // Waiters ask often: look first, without the write lock.
    const holder = await this.holder(name);
    if (holder) return holder;
    return this.#connection.transaction(async (transaction) => {
      const row = await transaction.get<LockRow>(sql`SELECT * FROM locks WHERE name = ${name}`);
      if (row && isAlive(row.owner)) return toHolder(row);
      await transaction.run(sql`
        INSERT OR REPLACE INTO locks (name, what, owner, since)
        VALUES (${name}, ${what}, ${thisOwner()}, ${new Date().toISOString()})`);
      return undefined;
    });
  }

  /** The living process that holds a lock. */
  async holder(name: string): Promise<LockHolder | undefined> {
    const row = await this.#connection.get<LockRow>(sql`SELECT * FROM locks WHERE name = ${name}`);
    return row && isAlive(row.owner) ? toHolder(row) : undefined;
  }

  /** Gives back a lock that this process took. */
  async release(name: string): Promise<void> {
    await this.#connection.run(
      sql`DELETE FROM locks WHERE name = ${name} AND owner = ${thisOwner()}`,
    );
  }
}

interface LockRow {
  name: string;
  what: string;
  owner: string;
  since: string;
}

function toHolder({ name, what, owner, since }: LockRow): LockHolder {
  return { name, what, pid: pidOf(owner), since };
}
