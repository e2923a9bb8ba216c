import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import sqlite3 from 'sqlite3';
import { databaseErrors } from '../engine/errors/database.js';
import type { Milliseconds } from '../engine/units.js';
import { catalogued, codeOf } from './sqlite-errors.js';
import { checkNumber, sql, type Sql } from './sql.js';

/** How long a statement waits while another process writes. Our own transactions take milliseconds. */
const busyTimeout: Milliseconds = 15_000;

/** The three things one can do with a statement. Rows are trusted to have the type asked for. */
export interface Statements {
  /** Changes rows; returns how many, and the row id of the last insert. */
  run(statement: Sql): Promise<{ changes: number; lastId: number }>;
  get<Row>(statement: Sql): Promise<Row | undefined>;
  all<Row>(statement: Sql): Promise<Row[]>;
}

/** Statements of one transaction; usable only until it ends. */
export interface Transaction extends Statements {
  /** Several statements without parameters, for migrations. */
  script(text: string): Promise<void>;
}

/**
 * Promises over one SQLite connection. Statements and transactions take turns:
 * whatever is asked while a transaction is open waits until it has ended.
 */
export class Connection implements Statements {
  readonly file: string;
  readonly #database: sqlite3.Database;
  /** Settles when everything asked so far is done. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;
  /** The transaction that the running code is part of. */
  readonly #within = new AsyncLocalStorage<{ open: boolean }>();

  private constructor(file: string, database: sqlite3.Database) {
    this.file = file;
    this.#database = database;
  }

  /**
   * Opens a database file for reading and writing, and makes it where missing.
   * @throws database-unwritable, database-damaged, database-busy, database-full
   */
  static async open(file: string): Promise<Connection> {
    const database = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened: sqlite3.Database = new sqlite3.Database(
        file,
        sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE | sqlite3.OPEN_FULLMUTEX,
        (error) => (error ? reject(catalogued(error, file, busyTimeout)) : resolve(opened)),
      );
    });
    const connection = new Connection(file, database);
    try {
      await connection.#configure();
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  run(statement: Sql): Promise<{ changes: number; lastId: number }> {
    return this.#exclusively(() => this.#run(statement));
  }

  get<Row>(statement: Sql): Promise<Row | undefined> {
    return this.#exclusively(async () => (await this.#all<Row>(statement))[0]);
  }

  all<Row>(statement: Sql): Promise<Row[]> {
    return this.#exclusively(() => this.#all<Row>(statement));
  }

  /**
   * Runs `work` in one transaction: all of it is stored when its promise
   * resolves, none of it when it rejects. The write lock is taken at the start,
   * so that what `work` reads stays true until it ends.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const scope = { open: true };
      await this.#run(sql`BEGIN IMMEDIATE`);
      try {
        const result = await this.#within.run(scope, () => work(this.#transaction(scope)));
        scope.open = false;
        await this.#run(sql`COMMIT`);
        return result;
      } catch (error) {
        scope.open = false;
        // SQLite may have rolled back already (disk full); then this one fails, which is no news.
        await this.#run(sql`ROLLBACK`).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Waits for what was asked before, then closes. A second call does nothing more. */
  close(): Promise<void> {
    this.#closed ??= this.#exclusively(
      () =>
        new Promise((resolve, reject) => {
          this.#database.close((error) => (error ? reject(this.#catalogued(error)) : resolve()));
        }),
    );
    return this.#closed;
  }

  async #configure(): Promise<void> {
    this.#database.configure('busyTimeout', busyTimeout);
    await this.#enterWal();
    // With WAL, NORMAL already survives kill -9: a commit is in the kernel's page
    // cache before it returns. FULL adds one fsync a commit and so survives a power
    // cut too; the lab commits a few times a boot, so nobody will feel it.
    await this.#run(sql`PRAGMA synchronous = FULL`);
    await this.#run(sql`PRAGMA foreign_keys = ON`);
    await this.#run(sql`PRAGMA trusted_schema = OFF`);
  }

  /** WAL lets others read while one writes. It is a property of the file; SQLite sets it only once. */
  async #enterWal(): Promise<void> {
    const deadline = Date.now() + busyTimeout;
    for (;;) {
      try {
        const [row] = await this.#all<{ journal_mode: string }>(sql`PRAGMA journal_mode = WAL`);
        if (row?.journal_mode === 'wal') return;
        const detail = 'its file system does not support write-ahead logging';
        throw databaseErrors.unwritable({ file: this.file, detail });
      } catch (error) {
        // Where several processes open a new file at once, the switch may fail at once,
        // whatever busy_timeout says.
        if (!isBusy(error) || Date.now() > deadline) throw error;
        await sleep(20);
      }
    }
  }

  #transaction(scope: { open: boolean }): Transaction {
    const whileOpen = <T>(work: () => Promise<T>): Promise<T> =>
      scope.open ? work() : Promise.reject(new Error('this transaction has ended'));
    return {
      run: (statement) => whileOpen(() => this.#run(statement)),
      get: <Row>(statement: Sql) => whileOpen(async () => (await this.#all<Row>(statement))[0]),
      all: <Row>(statement: Sql) => whileOpen(() => this.#all<Row>(statement)),
      script: (text) => whileOpen(() => this.#script(text)),
    };
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.#within.getStore()?.open) {
      // It would wait for its own end.
      return Promise.reject(new Error('inside a transaction, use the transaction itself'));
    }
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #run(statement: Sql): Promise<{ changes: number; lastId: number }> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(this.#catalogued(error));
      this.#database.run(
        statement.text,
        [...statement.values],
        function (this: sqlite3.RunResult, error) {
          if (error) fail(error);
          else resolve({ changes: this.changes, lastId: this.lastID });
        },
      );
    });
  }

  async #all<Row>(statement: Sql): Promise<Row[]> {
    const rows = await new Promise<Row[]>((resolve, reject) => {
      this.#database.all<Row>(statement.text, [...statement.values], (error, rows) => {
        if (error) reject(this.#catalogued(error));
        else resolve(rows);
      });
    });
    for (const row of rows) checkRow(row as Record<string, unknown>);
    return rows;
  }

  #script(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.exec(text, (error) => (error ? reject(this.#catalogued(error)) : resolve()));
    });
  }

  #catalogued(error: Error): Error {
    return catalogued(error, this.file, busyTimeout);
  }
}

/** An integer beyond 2^53 has lost digits by the time the driver hands it over. */
function checkRow(row: Record<string, unknown>): void {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === 'number') checkNumber(value, `column ${column}`);
  }
}

function isBusy(error: unknown): boolean {
  return codeOf(error instanceof Error ? error.cause : undefined) === 'SQLITE_BUSY';
}
