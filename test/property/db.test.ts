import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLabDatabase, type LabDatabase } from '../../db/lab-database.js';
import type { Samples } from '../../db/records.js';
import { packSamples, unpackSamples } from '../../db/blobs.js';
import type { LabError } from '../../engine/errors/lab-error.js';
import { testFolder } from '../support/test-folder.js';
import {
  cost,
  newExperiment,
  newImage,
  newRun,
  runResult,
  sha256,
} from '../support/workspace-records.js';

/**
 * The database against a model of a few maps: after any sequence of operations,
 * reopening among them, both hold the same images, experiments and runs.
 */
interface Model {
  /** Names by digest, in the order the images came. */
  images: Map<string, string>;
  experiments: { id: number; name: string; note: string; state: string }[];
  runs: Map<number, { experiment: number; input: string; count: number | null; differs: number[] }>;
}

interface Real {
  file: string;
  database: LabDatabase;
}

/** The code of the catalogue's error, or the value. */
async function outcome<T>(promise: Promise<T>): Promise<T | string> {
  return promise.catch((error: unknown) => (error as LabError).code);
}

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

const saveImage = (content: string, name: string, number: boolean): Command =>
  command(`saveImage(${JSON.stringify([content, name, number])})`, async (model, { database }) => {
    const digest = sha256(content);
    const saved = await outcome(
      database.images
        .save(newImage(name, { sha256: digest }), { ifNameTaken: number ? 'number' : 'refuse' })
        .then((image) => image.name),
    );
    const taken = (candidate: string): boolean => [...model.images.values()].includes(candidate);
    const known = model.images.get(digest);
    if (known !== undefined) {
      expect(saved).toBe(known);
      return;
    }
    if (name.trim() === '') {
      expect(saved).toBe('name-invalid');
      return;
    }
    if (taken(name) && !number) {
      expect(saved).toBe('name-taken');
      return;
    }
    let expected = name;
    for (let suffix = 2; taken(expected); suffix++) expected = `${name}-${suffix}`;
    expect(saved).toBe(expected);
    model.images.set(digest, expected);
  });

const removeImage = (content: string): Command =>
  command(`removeImage(${JSON.stringify(content)})`, async (model, { database }) => {
    await database.images.remove(sha256(content));
    model.images.delete(sha256(content));
  });

const renameImage = (content: string, name: string): Command =>
  command(`renameImage(${JSON.stringify([content, name])})`, async (model, { database }) => {
    const digest = sha256(content);
    const renamed = await outcome(database.images.rename(digest, name).then((image) => image.name));
    const known = model.images.get(digest);
    if (known === undefined) {
      expect(renamed).toBe('image-unknown');
      return;
    }
    if (known === name) {
      expect(renamed).toBe(name);
      return;
    }
    if (name.trim() === '') {
      expect(renamed).toBe('name-invalid');
      return;
    }
    if ([...model.images.values()].includes(name)) {
      expect(renamed).toBe('name-taken');
      return;
    }
    expect(renamed).toBe(name);
    model.images.set(digest, name);
  });

const createExperiment = (note: string): Command =>
  command(`createExperiment(${JSON.stringify(note)})`, async (model, { database }) => {
    const { id, name } = await database.experiments.create(
      { ...newExperiment('e'), note },
      { ifNameTaken: 'number' },
    );
    expect(model.experiments.some((other) => other.id === id || other.name === name)).toBe(false);
    model.experiments.push({ id, name, note, state: 'planned' });
  });

const setState = (index: number, state: 'running' | 'done' | 'failed'): Command =>
  command(`setState(${index}, ${state})`, async (model, { database }) => {
    const experiment = model.experiments[index % (model.experiments.length || 1)];
    if (!experiment) return;
    await database.experiments.setState(experiment.id, state);
    experiment.state = state;
  });

const startRun = (index: number, input: string): Command =>
  command(`startRun(${index}, ${input})`, async (model, { database }) => {
    const experiment = model.experiments[index % (model.experiments.length || 1)];
    if (!experiment) return;
    const run = newRun(experiment.id, { inputHash: sha256(input), repetition: model.runs.size });
    const { id } = await database.runs.start(run);
    expect(model.runs.has(id)).toBe(false);
    model.runs.set(id, { experiment: experiment.id, input, count: null, differs: [] });
  });

const finishRun = (index: number, count: number): Command =>
  command(`finishRun(${index}, ${count})`, async (model, { database }) => {
    const [id, run] = [...model.runs][index % (model.runs.size || 1)] ?? [];
    if (id === undefined || !run) return;
    const counts = [count, count];
    const finish = database.runs.finish(
      id,
      runResult({
        measurements: [cost('w', count)],
        samples: [{ workload: 'w', user: counts, kernel: counts, hypervisor: counts }],
      }),
    );
    if (run.count !== null) {
      await expect(finish).rejects.toThrow();
      return;
    }
    run.count = count;
    run.differs = [...model.runs]
      .filter(([, { input, count: other }]) => input === run.input && other !== null)
      .filter(([, { count: other }]) => other !== count)
      .map(([other]) => other);
    expect((await finish).differsFrom).toEqual(run.differs);
  });

const reopen = command('reopen', async (_model, real) => {
  await real.database.close();
  real.database = await openLabDatabase(real.file);
});

async function compare(model: Model, { database }: Real): Promise<void> {
  const images = await database.images.list();
  expect(images.map((image) => [image.sha256, image.name])).toEqual([...model.images]);
  for (const image of images) expect(await database.images.find(image.name)).toEqual(image);
  const experiments = await database.experiments.list();
  expect(experiments.map(({ id, name, note, state }) => ({ id, name, note, state }))).toEqual(
    model.experiments,
  );
  for (const [id, { experiment, count, differs }] of model.runs) {
    expect(await database.runs.byId(id)).toMatchObject({
      experimentId: experiment,
      state: count === null ? 'running' : 'done',
      differsFrom: differs,
    });
    const costs = await database.measurements.ofRun(id);
    expect(costs.map(({ instructions }) => instructions)).toEqual(count === null ? [] : [count]);
    const samples = await database.measurements.samples(id, 'w');
    expect(samples.map(({ kernel }) => kernel)).toEqual(count === null ? [] : [[count, count]]);
  }
}

test('any sequence of operations leaves what a simple model says', async () => {
  const folder = await testFolder();
  const content = fc.constantFrom('a', 'b', 'c', 'd');
  const name = fc.constantFrom('one', 'one-2', 'two', 'O\'Brien"; --', '🐧', ' ', '%');
  const index = fc.nat(5);
  const commands = [
    fc.tuple(content, name, fc.boolean()).map((args) => saveImage(...args)),
    content.map(removeImage),
    fc.tuple(content, name).map((args) => renameImage(...args)),
    fc.string({ unit: 'binary' }).map(createExperiment),
    fc
      .tuple(index, fc.constantFrom('running' as const, 'done' as const, 'failed' as const))
      .map((args) => setState(...args)),
    fc.tuple(index, fc.constantFrom('i', 'j')).map((args) => startRun(...args)),
    fc
      .tuple(index, fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER - 1))
      .map((args) => finishRun(...args)),
    fc.constant(reopen),
  ];
  let file = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 30 }), async (sequence) => {
      const path = join(folder, `${++file}.sqlite`);
      const real: Real = { file: path, database: await openLabDatabase(path) };
      const model: Model = { images: new Map(), experiments: [], runs: new Map() };
      try {
        await fc.asyncModelRun(() => ({ model, real }), sequence);
        await compare(model, real);
      } finally {
        await real.database.close();
      }
    }),
    { numRuns: 25 },
  );
});

test('samples come back as they were packed', async () => {
  const counts = fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(counts, counts, counts, async (user, kernel, hypervisor) => {
      const samples: Samples = { workload: 'w', user, kernel, hypervisor };
      expect(await unpackSamples('w', await packSamples(samples))).toEqual(samples);
    }),
  );
});
