import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from '../../../db/connection.js';
import { openLabDatabase } from '../../../db/lab-database.js';
import { migrate, migrationsFolder } from '../../../db/migrate.js';
import { sql } from '../../../db/sql.js';
import { testFolder } from '../../support/test-folder.js';

/** A database as the lab made it before a migration. */
async function databaseBefore(file: string, migrations: readonly string[]): Promise<Connection> {
  const old = pathToFileURL(`${join(await testFolder(), 'migrations')}/`);
  await mkdir(old);
  for (const name of migrations) await copyFile(new URL(name, migrationsFolder), new URL(name, old));
  const connection = await Connection.open(file);
  await migrate(connection, old);
  return connection;
}

test('images and their builds survive that images can be patched ones', async () => {
  const file = join(await testFolder(), 'lab.sqlite');
  const before = await databaseBefore(file, ['0001-first.sql']);
  for (const id of [1, 2, 3]) {
    await before.run(sql`
      INSERT INTO images (sha256, kind, name, size, parts, created_at)
      VALUES (${`${id}`.repeat(64)}, 'built', ${`kernel-${id}`}, 5, '[]', '2026-01-01')`);
    await before.run(sql`
      INSERT INTO builds (key, image_sha256, record)
      VALUES (${`key-${id}`}, ${`${id}`.repeat(64)}, '{}')`);
  }
  await before.run(sql`DELETE FROM images WHERE id = 3`);
  await before.close();

  const database = await openLabDatabase(file);
  onTestFinished(() => database.close());
  const images = await database.images.list();
  expect(images.map(({ id, name, build, patch }) => [id, name, build, patch])).toEqual([
    [1, 'kernel-1', {}, null],
    [2, 'kernel-2', {}, null],
  ]);
  const image = { ...images[0]!, sha256: 'f'.repeat(64), kind: 'patched', name: 'new' } as const;
  // The id of one that was removed is not given out again.
  expect(await database.images.save({ ...image, build: null })).toMatchObject({ id: 4 });
  await database.images.remove('1'.repeat(64));
  expect(await database.images.byBuildKey('key-1')).toBeUndefined();
  expect(await database.images.byBuildKey('key-2')).toBeDefined();
});
