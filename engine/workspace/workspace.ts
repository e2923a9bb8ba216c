import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLabDatabase } from '../../db/lab-database.js';
import { makeFolders, workspaceHome, workspaceTrouble } from './folders.js';
import { withLock } from './lock.js';
import { fileLogger, isLong, rotate } from './log.js';
import { openStore } from './store.js';
import { makeOwnFolder, sweep } from './temporary.js';
import type { Workspace, WorkspaceOptions } from './types.js';

export { workspaceHome } from './folders.js';

/**
 * Opens the folder where everything lives that the lab makes, and makes what
 * is missing of it. Any number of processes may have it open; what dead ones
 * left (temporary folders, locks, runs that never ended) is tidied up.
 *
 * @param home the folder; by default KBL_HOME, else kernel-boot-lab in the XDG data folder
 * @throws workspace-unwritable, workspace-full, workspace-not-folder, and what
 *   openLabDatabase throws
 */
export async function openWorkspace(
  home?: string,
  options: WorkspaceOptions = {},
): Promise<Workspace> {
  const folders = await makeFolders(workspaceHome(home));
  const ownFolder = await makeOwnFolder(folders.tmp);
  const database = await openLabDatabase(join(folders.home, 'lab.sqlite')).catch(
    async (error: unknown) => {
      await rm(ownFolder, { recursive: true, force: true });
      throw error;
    },
  );
  const logFile = join(folders.log, 'kbl.log');
  const log = fileLogger(logFile, options);
  const workspace: Workspace = {
    folders,
    database,
    store: openStore(folders.store, ownFolder),
    log,
    withLock: (name, lockOptions, work) => withLock(database.locks, name, lockOptions, work),
    temporaryFolder: (name) =>
      mkdtemp(join(ownFolder, `${name}-`)).catch(async (error: unknown) => {
        throw await workspaceTrouble(error, ownFolder);
      }),
    close: async () => {
      try {
        await rm(ownFolder, { recursive: true, force: true });
      } finally {
        await database.close();
      }
    },
  };
  if (await isLong(logFile)) {
    await workspace.withLock('log', { what: 'rotating the log' }, () => rotate(logFile));
  }
  const swept = await sweep(folders.tmp);
  if (swept.removed.length > 0) log.info('swept temporary folders of dead processes', swept);
  if (swept.kept.length > 0) log.warn('cannot sweep some temporary folders', swept);
  return workspace;
}
