/**
 * A process of its own that works in a workspace, for the tests of several
 * processes and of death: `node program.mjs VERB HOME ...`. It prints lines.
 */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { Connection } from '../../db/connection.js';
import { sql } from '../../db/sql.js';
import { LabError } from '../../engine/errors/lab-error.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { cost, newExperiment, newImage, newRun, runResult, sha256 } from './workspace-records.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
/** Waits for a line from the test; for ever when none comes, until it is killed. */
const heard = async (): Promise<void> => {
  await commands.next();
};

const verbs: Record<string, (home: string, ...rest: string[]) => Promise<void>> = {
  /** Opens and closes; says `open`, or the code of the error and its message. */
  open: async (home) => {
    const workspace = await openWorkspace(home);
    say('open');
    await workspace.close();
  },

  /** Starts an experiment and a run, takes a lock and a temporary folder, and stays. */
  stay: async (home) => {
    const workspace = await openWorkspace(home);
    const { experiments, runs } = workspace.database;
    const experiment = await experiments.create(newExperiment('mine'), { ifNameTaken: 'number' });
    await experiments.setState(experiment.id, 'running');
    const run = await runs.start(newRun(experiment.id));
    const folder = await workspace.temporaryFolder('run');
    await workspace.withLock('lock', { what: 'staying' }, async () => {
      say(JSON.stringify({ experiment: experiment.id, run: run.id, folder }));
      await heard();
    });
    await runs.finish(run.id, runResult());
    await experiments.setState(experiment.id, 'done');
    await workspace.close();
  },

  /** Stops in the middle of a transaction that has written much. */
  half: async (home) => {
    const connection = await Connection.open(join(home, 'lab.sqlite'));
    await connection.transaction(async (transaction) => {
      await transaction.run(sql`
        INSERT INTO images (sha256, kind, name, size, parts, created_at)
        SELECT printf('%064x', value), 'imported', 'half-' || value, 1, '[]', 'now'
        FROM json_each(${JSON.stringify(Array.from({ length: 50_000 }, (_, index) => index))})`);
      // More than the page cache holds, so part of it is in the file already.
      say('inside');
      await heard();
    });
  },

  /** Finishes one run after another, and says the number of each that is stored. */
  runs: async (home) => {
    const { database } = await openWorkspace(home);
    const experiment = await database.experiments.create(newExperiment('runs'));
    await database.experiments.setState(experiment.id, 'running');
    const workloads = Array.from({ length: 14 }, (_, index) => `workload-${index}`);
    for (let repetition = 0; ; repetition++) {
      const { id } = await database.runs.start(newRun(experiment.id, { repetition }));
      const ones = Array.from({ length: 1000 }, () => repetition);
      await database.runs.finish(
        id,
        runResult({
          measurements: workloads.map((workload) => cost(workload)),
          samples: workloads.map((workload) => ({
            workload,
            user: ones,
            kernel: ones,
            hypervisor: ones,
          })),
        }),
      );
      say(String(id));
    }
  },

  /** Saves `count` images and runs with names of its own. */
  write: async (home, name = '', count = '0') => {
    const workspace = await openWorkspace(home);
    const { images, experiments, runs } = workspace.database;
    for (let index = 0; index < Number(count); index++) {
      const image = newImage('image', { sha256: sha256(`${name} ${index}`) });
      await images.save(image, { ifNameTaken: 'number' });
      const experiment = await experiments.create(newExperiment('e'), { ifNameTaken: 'number' });
      const run = await runs.start(newRun(experiment.id));
      await runs.finish(run.id, runResult());
    }
    await workspace.close();
    say('written');
  },

  /** Takes the lock, adds to a file in a way that loses updates were two at it, `count` times. */
  count: async (home, file = '', count = '0') => {
    const { readFile, writeFile } = await import('node:fs/promises');
    const workspace = await openWorkspace(home);
    for (let index = 0; index < Number(count); index++) {
      await workspace.withLock('count', { what: 'counting' }, async () => {
        const number = Number(await readFile(file, 'utf8'));
        await writeFile(file, String(number + 1));
      });
    }
    await workspace.close();
    say('counted');
  },

  /** Says `waiting PID WHAT` when another has the lock, `held` when it has it, and stays. */
  lock: async (home) => {
    const workspace = await openWorkspace(home);
    const onWait = (holder: { pid: number; what: string }): void =>
      say(`waiting ${holder.pid} ${holder.what}`);
    await workspace.withLock('lock', { what: 'racing', onWait }, async () => {
      say('held');
      await heard();
    });
    await workspace.close();
    say('released');
  },
};

const [verb = '', home = '', ...rest] = process.argv.slice(2);
try {
  await verbs[verb]?.(home, ...rest);
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  say(`${error.code}: ${error.message}`);
}
process.exit();
