import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from '../../../db/connection.js';
import { openLabDatabase } from '../../../db/lab-database.js';
import { migrate } from '../../../db/migrate.js';
import { sql } from '../../../db/sql.js';
import { testFolder } from '../../support/test-folder.js';

const versions = sql`SELECT version, name FROM schema_migrations ORDER BY version`;

const first = `CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT, applied_at TEXT);
  CREATE TABLE things (id INTEGER PRIMARY KEY);`;

async function openTest(migrations: Record<string, string>): Promise<[Connection, URL]> {
  const folder = await testFolder();
  const url = pathToFileURL(`${join(folder, 'migrations')}/`);
  await mkdir(url);
  for (const [name, text] of Object.entries(migrations)) await writeFile(new URL(name, url), text);
  const connection = await Connection.open(join(folder, 'lab.sqlite'));
  onTestFinished(() => connection.close());
  return [connection, url];
}

test('migrations are applied in order, each once, and new ones later', async () => {
  const [connection, folder] = await openTest({ '0001-first.sql': first });
  await migrate(connection, folder);
  await migrate(connection, folder);
  expect(await connection.all(versions)).toEqual([{ version: 1, name: '0001-first.sql' }]);

  await writeFile(new URL('0002-colour.sql', folder), 'ALTER TABLE things ADD COLUMN colour TEXT');
  await migrate(connection, folder);
  expect(await connection.all(versions)).toHaveLength(2);
  await connection.run(sql`INSERT INTO things (colour) VALUES (${'red'})`);
});

test('of two that migrate at once one does it, and the other finds it done', async () => {
  const [one, folder] = await openTest({ '0001-first.sql': first });
  const two = await Connection.open(one.file);
  onTestFinished(() => two.close());
  await Promise.all([migrate(one, folder), migrate(two, folder)]);
  expect(await two.all(versions)).toHaveLength(1);
});

test('a migration that fails leaves nothing of itself', async () => {
  const [connection, folder] = await openTest({
    '0001-first.sql': first,
    '0002-broken.sql': 'CREATE TABLE halves (id INTEGER); NONSENSE;',
  });
  await expect(migrate(connection, folder)).rejects.toThrow(/NONSENSE/);
  expect(await connection.all(versions)).toEqual([{ version: 1, name: '0001-first.sql' }]);
  expect(await connection.all(sql`SELECT * FROM sqlite_schema WHERE name = 'halves'`)).toEqual([]);
});

test('numbers with a gap are a bug', async () => {
  const [connection, folder] = await openTest({ '0002-second.sql': first });
  await expect(migrate(connection, folder)).rejects.toThrow('is not number 1');
});

test('a database of a newer lab is refused and not changed', async () => {
  const file = join(await testFolder(), 'lab.sqlite');
  await (await openLabDatabase(file)).close();
  const connection = await Connection.open(file);
  await connection.run(
    sql`INSERT INTO schema_migrations VALUES (9999, 'future', ${new Date(0).toISOString()})`,
  );
  await connection.close();
  await expect(openLabDatabase(file)).rejects.toMatchObject({
    code: 'database-newer',
    kind: 'environment',
    place: { file },
  });
});

test("another program's database is refused and not changed", async () => {
  const [connection, folder] = await openTest({ '0001-first.sql': first });
  await connection.run(sql`CREATE TABLE bookmarks (url TEXT)`);
  await expect(migrate(connection, folder)).rejects.toMatchObject({ code: 'database-damaged' });
  expect(await connection.all(sql`SELECT name FROM sqlite_schema`)).toEqual([
    { name: 'bookmarks' },
  ]);
});
