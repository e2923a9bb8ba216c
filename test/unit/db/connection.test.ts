import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from '../../../db/connection.js';
import { sql, type SqlValue } from '../../../db/sql.js';
import { testFolder } from '../../support/test-folder.js';

async function openTest(): Promise<Connection> {
  const connection = await Connection.open(join(await testFolder(), 'test.sqlite'));
  onTestFinished(() => connection.close());
  await connection.run(sql`CREATE TABLE things (id INTEGER PRIMARY KEY, value ANY) STRICT`);
  return connection;
}

async function store(connection: Connection, value: SqlValue): Promise<unknown> {
  const { lastId } = await connection.run(sql`INSERT INTO things (value) VALUES (${value})`);
  const row = await connection.get<{ value: unknown }>(
    sql`SELECT value FROM things WHERE id = ${lastId}`,
  );
  return row?.value;
}

test('a connection is in WAL mode, fully synchronous, with foreign keys', async () => {
  const connection = await openTest();
  expect(await connection.get(sql`PRAGMA journal_mode`)).toEqual({ journal_mode: 'wal' });
  expect(await connection.get(sql`PRAGMA synchronous`)).toEqual({ synchronous: 2 });
  expect(await connection.get(sql`PRAGMA foreign_keys`)).toEqual({ foreign_keys: 1 });
});

test('many that open a new file at once all get it, in WAL mode', async () => {
  const file = join(await testFolder(), 'test.sqlite');
  const connections = await Promise.all(Array.from({ length: 8 }, () => Connection.open(file)));
  for (const connection of connections) {
    expect(await connection.get(sql`PRAGMA journal_mode`)).toEqual({ journal_mode: 'wal' });
    await connection.close();
  }
});

test.each([
  ['text with NUL, quotes and emoji', 'a\0b \'single\' "double" `back` 🐧\r\n'],
  ['text that looks like SQL', "'); DROP TABLE things; --"],
  ['an empty text', ''],
  ['null', null],
  ['the largest exact integer', Number.MAX_SAFE_INTEGER],
  ['the smallest exact integer', Number.MIN_SAFE_INTEGER],
  ['an integer beyond 32 bits', 2 ** 32 + 1],
  ['a fraction', 0.1],
  ['bytes', Buffer.from([0, 255, 39, 0])],
] satisfies [string, SqlValue][])('stores %s as it is', async (_what, value) => {
  const connection = await openTest();
  expect(await store(connection, value)).toEqual(value);
  expect(await connection.get(sql`SELECT count(*) AS rows FROM things`)).toEqual({ rows: 1 });
});

test.each([
  ['undefined', undefined],
  ['a bigint', 1n],
  ['a boolean', true],
  ['a date', new Date(0)],
  ['an object', {}],
  ['NaN', NaN],
  ['infinity', Infinity],
  ['an integer beyond 2^53', 2 ** 53],
])('refuses %s as a parameter', (_what, value) => {
  expect(() => sql`SELECT ${value as SqlValue}`).toThrow(/as parameter 1 of: SELECT/);
});

test('refuses a parameter that has no value', () => {
  expect(() => sql`SELECT ?`).toThrow(/without a value/);
});

test('refuses to read an integer beyond 2^53 rather than give a wrong one', async () => {
  const connection = await openTest();
  await expect(connection.get(sql`SELECT 9007199254740993 AS big`)).rejects.toThrow(/column big/);
});

test('a transaction that fails leaves nothing', async () => {
  const connection = await openTest();
  const failing = connection.transaction(async (transaction) => {
    await transaction.run(sql`INSERT INTO things (value) VALUES (${1})`);
    throw new Error('on purpose');
  });
  await expect(failing).rejects.toThrow('on purpose');
  expect(await connection.all(sql`SELECT * FROM things`)).toEqual([]);
});

test('transactions asked for at once do not interleave', async () => {
  const connection = await openTest();
  await store(connection, 0);
  const increment = (): Promise<void> =>
    connection.transaction(async (transaction) => {
      const row = await transaction.get<{ value: number }>(sql`SELECT value FROM things`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      await transaction.run(sql`UPDATE things SET value = ${(row?.value ?? NaN) + 1}`);
    });
  await Promise.all(Array.from({ length: 20 }, increment));
  expect(await connection.get(sql`SELECT value FROM things`)).toEqual({ value: 20 });
});

test('a statement asked for during a transaction waits for its end', async () => {
  const connection = await openTest();
  const transaction = connection.transaction(async (inside) => {
    await inside.run(sql`INSERT INTO things (value) VALUES (${1})`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new Error('on purpose');
  });
  const rows = connection.all(sql`SELECT * FROM things`);
  await expect(transaction).rejects.toThrow('on purpose');
  expect(await rows).toEqual([]);
});

test('the connection inside its own transaction, and a transaction after its end, are refused', async () => {
  const connection = await openTest();
  const nested = connection.transaction(() => connection.run(sql`DELETE FROM things`));
  await expect(nested).rejects.toThrow(/inside a transaction/);
  const ended = await connection.transaction((transaction) => Promise.resolve({ transaction }));
  await expect(ended.transaction.run(sql`DELETE FROM things`)).rejects.toThrow(/has ended/);
});

test('a file that is no database is refused and left as it is', async () => {
  const file = join(await testFolder(), 'test.sqlite');
  const contents = 'not a database, '.repeat(100);
  await writeFile(file, contents);
  await expect(Connection.open(file)).rejects.toMatchObject({
    code: 'database-damaged',
    place: { file },
  });
  expect(await readFile(file, 'utf8')).toBe(contents);
});

test('a folder that is missing is a catalogue error', async () => {
  const file = join(await testFolder(), 'missing', 'test.sqlite');
  await expect(Connection.open(file)).rejects.toMatchObject({ code: 'database-unwritable' });
});
