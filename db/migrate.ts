import { readdir, readFile } from 'node:fs/promises';
import { databaseErrors } from '../engine/errors/database.js';
import type { Connection, Statements } from './connection.js';
import { sql } from './sql.js';

/** The numbered SQL files; the build copies them beside the compiled module. */
export const migrationsFolder = new URL('./migrations/', import.meta.url);

/**
 * Brings a database up to date: every `NNNN-name.sql` that it has not seen, in
 * order, each in one transaction with the row that says so. Of two processes
 * that start at once one migrates, and the other waits and finds it done.
 *
 * @throws database-newer when a later version of the lab has been here,
 *   database-damaged when the file is another program's database
 */
export async function migrate(connection: Connection, folder = migrationsFolder): Promise<void> {
  const migrations = await readMigrations(folder);
  const known = migrations.length;
  // Asked without a lock first: nearly always there is nothing to do.
  if ((await versionOf(connection, connection.file, known)) === known) return;
  for (const [index, { name, url }] of migrations.entries()) {
    const script = await readFile(url, 'utf8');
    await connection.transaction(async (transaction) => {
      if ((await versionOf(transaction, connection.file, known)) > index) return;
      await transaction.script(script);
      await transaction.run(sql`
        INSERT INTO schema_migrations (version, name, applied_at)
        VALUES (${index + 1}, ${name}, ${new Date().toISOString()})`);
    });
  }
}

/** Migrations in order. @throws Error when their numbers are not 0001, 0002, ... (a bug) */
async function readMigrations(folder: URL): Promise<{ name: string; url: URL }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  names.forEach((name, index) => {
    if (!name.startsWith(`${String(index + 1).padStart(4, '0')}-`)) {
      throw new Error(`migration ${name} is not number ${index + 1}`);
    }
  });
  return names.map((name) => ({ name, url: new URL(name, folder) }));
}

/** How many migrations a database has seen; 0 for an empty one. */
async function versionOf(statements: Statements, file: string, known: number): Promise<number> {
  const tables = await statements.all<{ name: string }>(
    sql`SELECT name FROM sqlite_schema WHERE type = 'table'`,
  );
  if (tables.length === 0) return 0;
  if (!tables.some(({ name }) => name === 'schema_migrations')) {
    throw databaseErrors.damaged({ file, detail: "it is another program's database" });
  }
  const row = await statements.get<{ version: number | null }>(
    sql`SELECT max(version) AS version FROM schema_migrations`,
  );
  const found = row?.version ?? 0;
  if (found > known) throw databaseErrors.newer({ file, found, known });
  return found;
}
