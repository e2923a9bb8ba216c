import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Connection } from '../../../db/connection.js';
import { sql } from '../../../db/sql.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { compile, start, type TestProcess, type TestProgram } from '../../support/spawn-ts.js';
import { testFolder } from '../../support/test-folder.js';
import { newImage } from '../../support/workspace-records.js';

// Processes are slow to start on a busy machine; what takes longer than this hangs.
vi.setConfig({ testTimeout: 60_000 });

let program: TestProgram;
beforeAll(async () => {
  program = await compile(new URL('../../support/workspace-program.ts', import.meta.url));
});
afterAll(() => program.remove());

function run(verb: string, home: string, ...rest: string[]): TestProcess {
  const started = start(program, [verb, home, ...rest]);
  onTestFinished(() => started.kill());
  return started;
}

async function open(home: string): Promise<Workspace> {
  const workspace = await openWorkspace(home);
  onTestFinished(() => workspace.close());
  return workspace;
}

async function integrity(home: string): Promise<unknown> {
  const connection = await Connection.open(join(home, 'lab.sqlite'));
  try {
    return [
      await connection.all(sql`PRAGMA integrity_check`),
      await connection.all(sql`PRAGMA foreign_key_check`),
    ];
  } finally {
    await connection.close();
  }
}
const sound = [[{ integrity_check: 'ok' }], []];

test('processes that start at once in an empty workspace migrate it once', async () => {
  const home = await testFolder();
  const said = await Promise.all([1, 2, 3, 4].map(() => run('open', home).rest()));
  expect(said).toEqual([['open'], ['open'], ['open'], ['open']]);
  const connection = await Connection.open(join(home, 'lab.sqlite'));
  onTestFinished(() => connection.close());
  expect(await connection.all(sql`SELECT version FROM schema_migrations`)).toEqual([
    { version: 1 },
    { version: 2 },
  ]);
});

test('what a living process runs is left alone; what a killed one ran is interrupted', async () => {
  const home = await testFolder();
  const [living, killed] = [run('stay', home), run('stay', home)];
  interface Stayed {
    experiment: number;
    run: number;
    folder: string;
  }
  // The lock lets only one of them get to where it says something.
  const one = JSON.parse(await Promise.race([living.line(), killed.line()])) as Stayed;
  expect(one.run).toBeGreaterThan(0);
  const { database } = await open(home);
  const states = async (): Promise<string[][]> => {
    const experiments = await database.experiments.list();
    const runs = await Promise.all(experiments.map(({ id }) => database.runs.ofExperiment(id)));
    return [experiments.map(({ state }) => state), runs.flat().map(({ state }) => state)];
  };
  await expect.poll(states).toEqual([
    ['running', 'running'],
    ['running', 'running'],
  ]);
  await killed.kill();
  await (await openWorkspace(home)).close();
  const [experiments, runs] = await states();
  expect(experiments?.sort()).toEqual(['interrupted', 'running']);
  expect(runs?.sort()).toEqual(['interrupted', 'running']);
  expect(await integrity(home)).toEqual(sound);
});

test('a killed process leaves no temporary folder and no lock after the next opening', async () => {
  const home = await testFolder();
  const killed = run('stay', home);
  const { folder } = JSON.parse(await killed.line()) as { folder: string };
  await killed.kill();
  expect((await stat(folder)).isDirectory()).toBe(true);
  const { database } = await open(home);
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await database.locks.holder('lock')).toBeUndefined();
  expect(await database.experiments.find('mine')).toMatchObject({ state: 'interrupted' });
});

test('a process that ends well leaves its run done', async () => {
  const home = await testFolder();
  const stayed = run('stay', home);
  const { run: id } = JSON.parse(await stayed.line()) as { run: number };
  stayed.tell('go on');
  await stayed.rest();
  const { database } = await open(home);
  expect(await database.runs.byId(id)).toMatchObject({ state: 'done', outcome: 'completed' });
  expect(await database.experiments.find('mine')).toMatchObject({ state: 'done' });
});

test('an experiment that another process runs cannot be started here, until that one dies', async () => {
  const home = await testFolder();
  const other = run('stay', home);
  const { experiment } = JSON.parse(await other.line()) as { experiment: number };
  const { database } = await open(home);
  await expect(database.experiments.setState(experiment, 'running')).rejects.toMatchObject({
    code: 'experiment-busy',
    message: `experiment "mine" is being run by process ${other.pid}`,
  });
  await other.kill();
  expect(await database.experiments.setState(experiment, 'running')).toMatchObject({
    state: 'running',
  });
});

test('killed inside a transaction: nothing of it is there, all of before is', async () => {
  const home = await testFolder();
  const before = await openWorkspace(home);
  const image = await before.database.images.save(newImage('before'));
  await before.close();
  const half = run('half', home);
  expect(await half.line()).toBe('inside');
  await half.kill();
  const { database } = await open(home);
  expect(await database.images.list()).toEqual([image]);
  expect(await integrity(home)).toEqual(sound);
});

test('killed at any moment: every run that was said to be stored is there and whole', async () => {
  const home = await testFolder();
  const said = new Set<number>();
  for (const pause of [0, 3, 11, 17, 29]) {
    const writer = run('runs', home);
    said.add(Number(await writer.line()));
    await new Promise((resolve) => setTimeout(resolve, pause));
    writer.child.kill('SIGKILL');
    for (const line of await writer.rest()) said.add(Number(line));
    const { database, close } = await openWorkspace(home);
    const experiment = await database.experiments.find('runs');
    expect(experiment.state).toBe('interrupted');
    const runs = await database.runs.ofExperiment(experiment.id);
    const done = runs.filter(({ state }) => state === 'done');
    expect(new Set(done.map(({ id }) => id))).toEqual(
      // One more may have been stored just before it could be said.
      new Set([...said, ...done.slice(-1).map(({ id }) => id)]),
    );
    for (const { id, repetition } of done) {
      expect(await database.measurements.ofRun(id)).toHaveLength(14);
      const samples = await database.measurements.samples(id);
      expect(samples.map(({ kernel }) => kernel.length)).toEqual(Array(14).fill(1000));
      expect(samples[13]?.hypervisor[999]).toBe(repetition);
      expect((await database.runs.console(id))?.bytes.length).toBeGreaterThan(0);
    }
    const others = runs.filter(({ state }) => state !== 'done');
    expect(others.length).toBeLessThanOrEqual(1);
    for (const { id, state } of others) {
      expect(state).toBe('interrupted');
      expect(await database.measurements.ofRun(id)).toEqual([]);
    }
    await close();
    expect(await integrity(home)).toEqual(sound);
    // The next round starts anew, in the same file.
    said.clear();
    const connection = await Connection.open(join(home, 'lab.sqlite'));
    await connection.run(sql`DELETE FROM experiments`);
    await connection.close();
  }
});

test('two processes that write at once lose nothing', async () => {
  const home = await testFolder();
  const count = 25;
  const writers = ['a', 'b'].map((name) => run('write', home, name, String(count)));
  expect(await Promise.all(writers.map((writer) => writer.rest()))).toEqual([
    ['written'],
    ['written'],
  ]);
  const { database } = await open(home);
  const images = await database.images.list();
  expect(images).toHaveLength(2 * count);
  // Names were numbered without a gap, so neither took a name the other had.
  expect(new Set(images.map(({ name }) => name))).toEqual(
    new Set(
      Array.from({ length: 2 * count }, (_, index) => (index ? `image-${index + 1}` : 'image')),
    ),
  );
  const experiments = await database.experiments.list();
  expect(experiments).toHaveLength(2 * count);
  for (const { id } of experiments) {
    expect(await database.runs.ofExperiment(id)).toMatchObject([
      { state: 'done', differsFrom: [] },
    ]);
    expect(await database.measurements.ofExperiment(id)).toHaveLength(1);
  }
});

test('of two processes that want a lock one waits, is told by whom, and gets it then', async () => {
  const home = await testFolder();
  const first = run('lock', home);
  expect(await first.line()).toBe('held');
  const second = run('lock', home);
  expect(await second.line()).toBe(`waiting ${first.pid} racing`);
  first.tell('release');
  expect(await first.rest()).toEqual(['released']);
  expect(await second.line()).toBe('held');
  second.tell('release');
  expect(await second.rest()).toEqual(['released']);
});

test('processes that race for a lock are never in it together', async () => {
  const home = await testFolder();
  const file = join(home, 'counter');
  await writeFile(file, '0');
  const racers = [1, 2, 3].map(() => run('count', home, file, '8'));
  await Promise.all(racers.map((racer) => racer.rest()));
  expect(await readFile(file, 'utf8')).toBe('24');
});

test('the lock of a killed process is taken over', async () => {
  const home = await testFolder();
  const first = run('lock', home);
  expect(await first.line()).toBe('held');
  const second = run('lock', home);
  expect(await second.line()).toBe(`waiting ${first.pid} racing`);
  await first.kill();
  expect(await second.line()).toBe('held');
});

const isRoot = process.geteuid?.() === 0;

test('a workspace that belongs to another user is a catalogue error', async () => {
  const home = await testFolder();
  await (await openWorkspace(home)).close();
  await chmod(home, 0o755);
  if (isRoot) {
    // Root may write anywhere, so another user has to try; the program must be readable to it.
    await chmod(join(program.file, '..'), 0o755);
    const child = start(program, ['open', home], { uid: 65534, gid: 65534 });
    expect(await child.rest()).toEqual([
      'workspace-unwritable: the workspace cannot be written: permission denied: ' +
        'it belongs to user 0, and this is user 65534',
    ]);
    // A new home below a folder of root.
    const below = start(program, ['open', join(home, 'new')], { uid: 65534, gid: 65534 });
    expect((await below.rest())[0]).toMatch(/^workspace-unwritable: /);
    // Folders of its own, but root's database.
    const own = join(home, 'own');
    for (const name of ['', 'store', 'builds', 'sources', 'experiments', 'log', 'tmp']) {
      await mkdir(join(own, name), { recursive: true });
      await chown(join(own, name), 65534, 65534);
    }
    await writeFile(join(own, 'lab.sqlite'), '', { mode: 0o644 });
    const database = start(program, ['open', own], { uid: 65534, gid: 65534 });
    expect((await database.rest())[0]).toMatch(/^database-unwritable: /);
  } else {
    await chmod(join(home, 'tmp'), 0o555);
    onTestFinished(() => chmod(join(home, 'tmp'), 0o755));
    expect((await run('open', home).rest())[0]).toMatch(/^workspace-unwritable: /);
  }
});

/** Mounts a small file system for a test; false where that is not allowed. */
function mounted(folder: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return true;
}

test('a full disk is a catalogue error, and what was stored before stays', async (context) => {
  const home = await testFolder();
  if (!mounted(home, 'size=1m')) context.skip('mounting needs root');
  const { store, database } = await open(home);
  const small = await store.put(Buffer.from('small'));
  const image = await database.images.save(newImage('small', { sha256: small.sha256 }));
  await expect(store.put(Buffer.alloc(2 ** 20, 'x'))).rejects.toMatchObject({
    code: 'workspace-full',
  });
  const fill = async (): Promise<void> => {
    for (let index = 0; ; index++) {
      const origin = 'x'.repeat(10_000);
      await database.images.save(newImage(`image ${index}`, { origin }));
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: 'database-full' });
  expect(await store.verified(small.sha256)).toBe(small.path);
  expect(await database.images.find('small')).toEqual(image);
  expect(await integrity(home)).toEqual(sound);
});

test.for(['4k', '16k', '64k'])(
  'a disk of %s is too small to open a workspace on, and that is a catalogue error',
  async (size, context) => {
    const home = await testFolder();
    if (!mounted(home, `size=${size}`)) context.skip('mounting needs root');
    const error: unknown = await openWorkspace(home).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ name: 'LabError', kind: 'environment' });
  },
);

test('a read-only disk is a catalogue error', async (context) => {
  const home = await testFolder();
  if (!mounted(home, 'size=1m')) context.skip('mounting needs root');
  await (await openWorkspace(home)).close();
  execFileSync('mount', ['-o', 'remount,ro', home]);
  await expect(openWorkspace(home)).rejects.toMatchObject({
    code: 'workspace-unwritable',
    message: 'the workspace cannot be written: the disk is read-only',
  });
});
