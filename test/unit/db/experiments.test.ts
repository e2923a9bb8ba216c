import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLabDatabase, type LabDatabase } from '../../../db/lab-database.js';
import { newExperiment, newRun, runResult } from '../../support/workspace-records.js';

let folder: string;
let database: LabDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kbl-db-'));
  database = await openLabDatabase(join(folder, 'lab.sqlite'));
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

test('a name and a note can be changed, each by itself', async () => {
  const { experiments } = database;
  const { id } = await experiments.create(newExperiment('lab'));
  await experiments.create(newExperiment('other'));
  await experiments.describe(id, { note: 'before the patch' });
  expect(await experiments.describe(id, { name: 'first' })).toMatchObject({
    name: 'first',
    note: 'before the patch',
  });
  await expect(experiments.describe(id, { name: 'other' })).rejects.toMatchObject({
    code: 'name-taken',
  });
  await expect(experiments.describe(99, { note: '' })).rejects.toMatchObject({
    code: 'experiment-unknown',
  });
});

test('a removed experiment takes its runs with it, and no others', async () => {
  const { experiments, runs, measurements } = database;
  const [gone, kept] = [
    await experiments.create(newExperiment('gone')),
    await experiments.create(newExperiment('kept')),
  ];
  for (const { id } of [gone, kept]) {
    const run = await runs.start(newRun(id));
    await runs.finish(run.id, runResult());
  }
  await experiments.remove(gone.id);
  expect(await experiments.byId(gone.id)).toBeUndefined();
  expect(await runs.ofExperiment(gone.id)).toEqual([]);
  expect(await measurements.ofExperiment(gone.id)).toEqual([]);
  expect(await measurements.ofExperiment(kept.id)).toHaveLength(1);
});

test('an experiment that runs is not removed', async () => {
  const { experiments } = database;
  const { id } = await experiments.create(newExperiment('lab'));
  await experiments.setState(id, 'running');
  await expect(experiments.remove(id)).rejects.toMatchObject({ code: 'experiment-busy' });
  await experiments.setState(id, 'interrupted');
  await experiments.remove(id);
  expect(await experiments.list()).toEqual([]);
});
