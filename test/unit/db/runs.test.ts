import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from '../../../db/connection.js';
import { openLabDatabase, type LabDatabase } from '../../../db/lab-database.js';
import { sql } from '../../../db/sql.js';
import { consoleLimit } from '../../../engine/boot/types.js';
import { testFolder } from '../../support/test-folder.js';
import {
  cost,
  newExperiment,
  newRun,
  plan,
  runResult,
  sha256,
} from '../../support/workspace-records.js';

async function openTest(): Promise<LabDatabase & { experimentId: number; file: string }> {
  const file = join(await testFolder(), 'lab.sqlite');
  const database = await openLabDatabase(file);
  onTestFinished(() => database.close());
  const { id } = await database.experiments.create(newExperiment('first'));
  return { ...database, experimentId: id, file };
}

test('an experiment goes through its states', async () => {
  const { experiments, experimentId } = await openTest();
  const planned = await experiments.byId(experimentId);
  expect(planned).toMatchObject({ name: 'first', plan, state: 'planned', finishedAt: null });
  expect(await experiments.setState(experimentId, 'running')).toEqual({
    ...planned,
    state: 'running',
  });
  const done = await experiments.setState(experimentId, 'done');
  expect(done.state).toBe('done');
  expect(done.finishedAt).not.toBeNull();
  expect(await experiments.list()).toEqual([done]);
});

test('an experiment is found by name or id', async () => {
  const { experiments, experimentId } = await openTest();
  const named = await experiments.create({ ...newExperiment('7'), note: "NUL \0, ' and 🐧" });
  expect(named.note).toBe("NUL \0, ' and 🐧");
  expect((await experiments.find('first')).id).toBe(experimentId);
  expect((await experiments.find(String(experimentId))).name).toBe('first');
  expect(await experiments.find('7')).toEqual(named);
  for (const reference of ['99', '', '-1', '1e0', "' OR 1=1 --", '9'.repeat(30)]) {
    await expect(experiments.find(reference)).rejects.toMatchObject({
      code: 'experiment-unknown',
    });
  }
  await expect(experiments.setState(99, 'done')).rejects.toMatchObject({
    code: 'experiment-unknown',
  });
});

test('an experiment name is unique', async () => {
  const { experiments } = await openTest();
  await expect(experiments.create(newExperiment('first'))).rejects.toMatchObject({
    code: 'name-taken',
  });
  const numbered = await experiments.create(newExperiment('first'), { ifNameTaken: 'number' });
  expect(numbered.name).toBe('first-2');
});

test('a run is there from its start, and whole at its end', async () => {
  const { runs, measurements, experimentId } = await openTest();
  const start = newRun(experimentId, { cell: 2, repetition: 1, xenCommandLine: 'com1=115200' });
  const started = await runs.start(start);
  expect(started).toMatchObject({ ...start, state: 'running', outcome: null, differsFrom: [] });
  expect(await runs.console(started.id)).toBeUndefined();

  const result = runResult({ measurements: [cost('null'), cost('fork', 116_263)] });
  const finished = await runs.finish(started.id, result);
  expect(finished).toEqual({
    ...started,
    state: 'done',
    outcome: 'completed',
    evidence: result.evidence,
    finishedAt: expect.any(String) as string,
    wall: 4000.5,
    bootInstructions: result.bootInstructions,
    memTotalKiB: result.memTotalKiB,
    memoryLine: result.memoryLine,
  });
  expect(await runs.byId(started.id)).toEqual(finished);
  const costs = result.measurements.map((one) => ({ runId: started.id, ...one }));
  expect(await measurements.ofRun(started.id)).toEqual(costs);
  expect(await measurements.ofExperiment(experimentId)).toEqual(costs);
  const samples = result.samples.map((one) => ({ runId: started.id, ...one }));
  expect(await measurements.samples(started.id)).toEqual(samples);
  expect(await measurements.samples(started.id, 'null')).toEqual(samples);
  expect(await measurements.samples(started.id, 'fork')).toEqual([]);
});

test('a run that failed before it measured anything', async () => {
  const { runs, measurements, experimentId } = await openTest();
  const { id } = await runs.start(newRun(experimentId));
  const finished = await runs.finish(
    id,
    runResult({
      state: 'failed',
      outcome: 'kernel-panic',
      bootInstructions: null,
      memTotalKiB: null,
      memoryLine: null,
      measurements: [],
      samples: [],
    }),
  );
  expect(finished).toMatchObject({ state: 'failed', bootInstructions: null, memoryLine: null });
  expect(await measurements.ofRun(id)).toEqual([]);
});

test('a run that leaves nothing is interrupted, and one that has ended stays as it is', async () => {
  const { runs, experimentId } = await openTest();
  const { id } = await runs.start(newRun(experimentId));
  await runs.abandon(id);
  expect(await runs.byId(id)).toMatchObject({ state: 'interrupted', outcome: null });
  const whole = await runs.start(newRun(experimentId));
  const finished = await runs.finish(whole.id, runResult());
  await runs.abandon(whole.id);
  expect(await runs.byId(whole.id)).toEqual(finished);
});

test('runs and measurements of an experiment come in the order of its plan', async () => {
  const { runs, measurements, experimentId } = await openTest();
  const places = [
    { cell: 1, repetition: 0 },
    { cell: 0, repetition: 1 },
    { cell: 0, repetition: 0 },
  ];
  for (const place of places) {
    const { id } = await runs.start(newRun(experimentId, place));
    await runs.finish(id, runResult());
  }
  const ordered = await runs.ofExperiment(experimentId);
  expect(ordered.map(({ cell, repetition }) => [cell, repetition])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
  const costs = await measurements.ofExperiment(experimentId);
  expect(costs.map(({ runId }) => runId)).toEqual(ordered.map(({ id }) => id));
});

test('a result that cannot be stored whole is not stored at all', async () => {
  const { runs, measurements, experimentId } = await openTest();
  const { id } = await runs.start(newRun(experimentId));
  const twice = runResult({ measurements: [cost('null'), cost('null')] });
  await expect(runs.finish(id, twice)).rejects.toThrow(/UNIQUE/);
  const inexact = runResult({ measurements: [cost('null', 2 ** 53)] });
  await expect(runs.finish(id, inexact)).rejects.toThrow(RangeError);
  expect(await runs.byId(id)).toMatchObject({ state: 'running', outcome: null });
  expect(await runs.console(id)).toBeUndefined();
  expect(await measurements.ofRun(id)).toEqual([]);
  expect((await runs.finish(id, runResult())).state).toBe('done');
});

test('a run ends once, and only where it was started', async () => {
  const { runs, experimentId } = await openTest();
  const { id } = await runs.start(newRun(experimentId));
  await runs.finish(id, runResult());
  await expect(runs.finish(id, runResult())).rejects.toThrow(/not one that this process/);
  await expect(runs.finish(99, runResult())).rejects.toThrow(/not one that this process/);
  await expect(runs.start(newRun(99))).rejects.toThrow(/FOREIGN KEY/);
});

test('a result is stored even when its run was taken for interrupted by mistake', async () => {
  const { runs, experimentId, file } = await openTest();
  const { id } = await runs.start(newRun(experimentId));
  const connection = await Connection.open(file);
  await connection.run(sql`UPDATE runs SET state = 'interrupted' WHERE id = ${id}`);
  await connection.close();
  expect(await runs.finish(id, runResult())).toMatchObject({ state: 'done' });
});

test('a run that another process started cannot be finished here', async () => {
  const { runs, experimentId, file } = await openTest();
  const { id } = await runs.start(newRun(experimentId));
  const connection = await Connection.open(file);
  await connection.run(sql`UPDATE runs SET owner = '1-1-boot' WHERE id = ${id}`);
  await connection.close();
  await expect(runs.finish(id, runResult())).rejects.toThrow(/not one that this process/);
});

test('samples that make no sense are refused', async () => {
  const { runs, experimentId } = await openTest();
  const { id } = await runs.start(newRun(experimentId));
  const uneven = { workload: 'null', user: [1, 2], kernel: [1], hypervisor: [0, 0] };
  const stray = { workload: 'stray', user: [], kernel: [], hypervisor: [] };
  await expect(runs.finish(id, runResult({ samples: [uneven] }))).rejects.toThrow(/equally many/);
  await expect(runs.finish(id, runResult({ samples: [stray] }))).rejects.toThrow(/not measured/);
});

test('the console is kept byte for byte, up to its limit', async () => {
  const { runs, experimentId } = await openTest();
  const hostile = Buffer.from([0, 27, 93, 255, 254, 13, 10, 39, 0]);
  const short = await runs.start(newRun(experimentId));
  await runs.finish(short.id, runResult({ console: hostile }));
  expect(await runs.console(short.id)).toEqual({ bytes: hostile, truncated: false });

  const long = await runs.start(newRun(experimentId));
  await runs.finish(long.id, runResult({ console: Buffer.alloc(consoleLimit + 1, 'x') }));
  const kept = await runs.console(long.id);
  expect(kept?.bytes.length).toBe(consoleLimit);
  expect(kept?.truncated).toBe(true);
});

test('runs with equal inputs must agree; those that do not are named', async () => {
  const { runs, experimentId } = await openTest();
  const finish = async (
    changes: Parameters<typeof runResult>[0],
    inputHash = sha256('inputs'),
  ): Promise<{ id: number; differsFrom: number[] }> => {
    const { id } = await runs.start(newRun(experimentId, { inputHash }));
    return runs.finish(id, runResult(changes));
  };
  const first = await finish({});
  const equal = await finish({ wall: 1, memTotalKiB: 1, console: Buffer.from('other') });
  expect(equal.differsFrom).toEqual([]);
  // One iteration of one domain is enough, though cost and split are the same.
  const samples = [
    { workload: 'null', user: [20, 20, 20], kernel: [180, 180, 182], hypervisor: [0, 0, 0] },
  ];
  const differing = await finish({ samples });
  expect(differing.differsFrom).toEqual([first.id, equal.id]);
  const boot = { user: 7_200_001, kernel: 507_000_000, hypervisor: 0 };
  const bootDiffers = await finish({ bootInstructions: boot });
  expect(bootDiffers.differsFrom).toEqual([first.id, equal.id, differing.id]);
  // Neither other inputs nor a run that failed are compared.
  expect((await finish({ samples }, sha256('other inputs'))).differsFrom).toEqual([]);
  expect((await finish({ samples, state: 'failed' })).differsFrom).toEqual([]);
  expect((await finish({})).differsFrom).toEqual([differing.id, bootDiffers.id]);
  expect((await runs.byId(first.id))?.differsFrom).toEqual([]);
});

test('the order in which workloads were measured is no difference', async () => {
  const { runs, experimentId } = await openTest();
  const [a, b] = [cost('a'), cost('b')];
  const first = await runs.start(newRun(experimentId));
  await runs.finish(first.id, runResult({ measurements: [a, b], samples: [] }));
  const second = await runs.start(newRun(experimentId));
  const finished = await runs.finish(second.id, runResult({ measurements: [b, a], samples: [] }));
  expect(finished.differsFrom).toEqual([]);
});

test('the wall time to expect is the median of the most similar runs', async () => {
  const { runs, experimentId } = await openTest();
  const like = {
    environment: 'bare' as const,
    imageSha256: sha256('native'),
    label: 'native',
    inputHash: sha256('inputs'),
  };
  expect(await runs.expectedWall(like)).toBeUndefined();
  const finish = async (wall: number, changes: Parameters<typeof newRun>[1]): Promise<void> => {
    const { id } = await runs.start(newRun(experimentId, changes));
    await runs.finish(id, runResult({ wall }));
  };
  await finish(1, { environment: 'xen-pv-dom0' });
  expect(await runs.expectedWall(like)).toBeUndefined();
  const otherInputs = { inputHash: sha256('x') };
  const otherImage = { ...otherInputs, imageSha256: sha256('x') };
  await finish(50, { ...otherImage, label: 'other' });
  expect(await runs.expectedWall(like)).toBe(50);
  await finish(40, otherImage);
  expect(await runs.expectedWall(like)).toBe(40);
  await finish(30, otherInputs);
  expect(await runs.expectedWall(like)).toBe(30);
  for (const wall of [1000, 9, 11, 10, 500, 12]) await finish(wall, {});
  expect(await runs.expectedWall(like)).toBe(11);
  expect(await runs.expectedWall({ ...like, inputHash: undefined })).toBe(11);
  expect(await runs.mostLike(like)).toMatchObject({ wall: 12, imageSha256: sha256('native') });
  const another = { ...like, imageSha256: sha256('y'), label: 'other' };
  expect(await runs.mostLike(another)).toMatchObject({ wall: 50 });
  expect(await runs.mostLike({ ...like, environment: 'uefi' })).toBeUndefined();
});
