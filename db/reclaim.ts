import type { Connection } from './connection.js';
import { isAlive } from './owner.js';
import { sql } from './sql.js';

/**
 * Marks as interrupted the runs and experiments of processes that have died,
 * and drops their locks. Those of living processes are left alone.
 */
export async function reclaim(connection: Connection): Promise<void> {
  const owners = await connection.all<{ owner: string }>(sql`
    SELECT owner FROM runs WHERE state = 'running'
    UNION SELECT owner FROM experiments WHERE state = 'running'
    UNION SELECT owner FROM locks`);
  const dead = owners.map(({ owner }) => owner).filter((owner) => !isAlive(owner));
  if (dead.length === 0) return;
  const list = JSON.stringify(dead);
  const now = new Date().toISOString();
  await connection.transaction(async (transaction) => {
    await transaction.run(sql`
      UPDATE runs SET state = 'interrupted', finished_at = ${now}
      WHERE state = 'running' AND owner IN (SELECT value FROM json_each(${list}))`);
    await transaction.run(sql`
      UPDATE experiments SET state = 'interrupted', owner = NULL, finished_at = ${now}
      WHERE state = 'running' AND owner IN (SELECT value FROM json_each(${list}))`);
    await transaction.run(sql`
      DELETE FROM locks WHERE owner IN (SELECT value FROM json_each(${list}))`);
  });
}
