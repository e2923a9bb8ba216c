import { deleteExperiment } from '../../engine/experiment/delete-experiment.js';
import { deleteImage } from '../../engine/images/delete-image.js';
import { openWorkspace, workspaceHome } from '../../engine/workspace/workspace.js';
import type { Workspace } from '../../engine/workspace/types.js';
import type { Sha256 } from '../../engine/units.js';
import type { ErrorBody } from '../../engine/contract/app/jobs.js';
import { Connection, type Channel } from './connection.js';
import { Consoles } from './console/consoles.js';
import type { HostContext } from './context.js';
import { explain } from './explain.js';
import { Grants } from './grants.js';
import { Jobs } from './jobs.js';
import { Removals } from './removals.js';
import { Threads } from './threads/threads.js';

/** The engine host apart from its process: what tests drive as well. */
export interface Host {
  readonly grants: Grants;
  /** A window; its messages go to `receive`. */
  connect(channel: Channel): Connection;
  disconnect(connection: Connection): void;
  /** Cancels jobs, deletes what was removed, closes the workspace. */
  stop(): Promise<void>;
}

/**
 * @param folder of the workspace; undefined for the default
 * @param threads tests run from the sources, and give compiled ones
 */
export function createHost(folder?: string, threads = new Threads()): Host {
  const home = workspaceHome(folder);
  const windows = new Map<Connection, Channel>();
  let opened: Promise<Workspace> | undefined;
  const workspace = (): Promise<Workspace> => {
    const opening = (opened ??= openWorkspace(home));
    // What made it fail (a full disk) may be gone at the next request.
    opening.catch(() => (opened = undefined));
    return opening;
  };
  const tell: HostContext['tell'] = (name, notice) => {
    for (const channel of windows.values()) channel.send({ kind: 'notice', name, notice });
  };
  const explained = (error: unknown): ErrorBody => explain(error, home);
  const jobs = new Jobs({ changed: (job) => tell('job', job), explain: explained });
  const grants = new Grants();
  const consoles = new Consoles();
  const removals = new Removals(async (sha256: Sha256) => {
    try {
      await deleteImage(await workspace(), sha256);
    } catch (error) {
      explained(error);
    }
    tell('images', {});
  });
  const experimentRemovals = new Removals(async (id: number) => {
    try {
      await deleteExperiment(await workspace(), id);
    } catch (error) {
      explained(error);
    }
    tell('experiments', {});
  });
  const context: HostContext = {
    home,
    workspace,
    jobs,
    grants,
    consoles,
    removals,
    experimentRemovals,
    threads,
    tell,
  };
  return {
    grants,
    connect(channel) {
      const connection = new Connection(context, channel, explained);
      windows.set(connection, channel);
      return connection;
    },
    disconnect(connection) {
      connection.close();
      windows.delete(connection);
    },
    async stop() {
      await consoles.stop();
      await jobs.stop();
      await removals.flush();
      await experimentRemovals.flush();
      await threads.stop();
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
