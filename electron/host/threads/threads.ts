import type { JobOptions } from '../../../engine/progress.js';
import type { tasks } from './tasks.js';
import { Thread } from './thread.js';

type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
type Params<Name extends TaskName> = Parameters<Tasks[Name]>[0];
type Result<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>;

/** Which thread does what: an inspection must not wait for a merge, and a comparison stays where it is kept. */
const lanes: Record<TaskName, 'compare' | 'read' | 'list' | 'merge' | 'sites' | 'patch'> = {
  compare: 'compare',
  disassemble: 'compare',
  inspect: 'read',
  boots: 'list',
  import: 'read',
  bootFacts: 'read',
  size: 'read',
  merge: 'merge',
  sites: 'sites',
  siteFunction: 'sites',
  discover: 'sites',
  loads: 'sites',
  exportSites: 'sites',
  constants: 'patch',
  observe: 'patch',
  patch: 'patch',
};

/** The engine host's threads. */
export class Threads {
  readonly #lanes: Record<(typeof lanes)[TaskName], Thread>;

  /** @param entry the compiled entry.ts, where this is not run from dist/ itself */
  constructor(entry = new URL('./entry.js', import.meta.url)) {
    this.#lanes = {
      compare: new Thread(entry),
      read: new Thread(entry),
      list: new Thread(entry),
      merge: new Thread(entry),
      sites: new Thread(entry),
      patch: new Thread(entry),
    };
  }

  /** @throws what the task throws, errors of the catalogue as such */
  run<Name extends TaskName>(
    task: Name,
    params: Params<Name>,
    options?: JobOptions,
  ): Promise<Result<Name>> {
    return this.#lanes[lanes[task]].run(task, params, options) as Promise<Result<Name>>;
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#lanes).map((thread) => thread.stop()));
  }
}
