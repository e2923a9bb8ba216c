import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { workspaceErrors } from '../errors/workspace.js';
import { makeFolder } from '../make-folder.js';
import type { WorkspaceFolders } from './types.js';

/**
 * The workspace folder, absolute: `home` where given, else KBL_HOME, else
 * kernel-boot-lab in the XDG data folder. A relative XDG_DATA_HOME is ignored,
 * as the XDG base directory specification asks.
 */
export function workspaceHome(home?: string, env: NodeJS.ProcessEnv = process.env): string {
  const chosen = home || env['KBL_HOME'];
  if (chosen) return resolve(chosen);
  const xdg = env['XDG_DATA_HOME'];
  const data = xdg && isAbsolute(xdg) ? xdg : join(env['HOME'] || homedir(), '.local', 'share');
  return join(data, 'kernel-boot-lab');
}

/** Makes what is missing of a workspace's folders. @throws workspace-unwritable, workspace-full, workspace-not-folder */
export async function makeFolders(home: string): Promise<WorkspaceFolders> {
  const folders: WorkspaceFolders = {
    home,
    store: join(home, 'store'),
    builds: join(home, 'builds'),
    sources: join(home, 'sources'),
    experiments: join(home, 'experiments'),
    log: join(home, 'log'),
    tmp: join(home, 'tmp'),
  };
  for (const folder of Object.values(folders)) {
    try {
      await makeFolder(folder);
    } catch (error) {
      throw await workspaceTrouble(error, folder);
    }
  }
  return folders;
}

/** The catalogue's error for a failed write in the workspace; any other comes back as it is. */
export async function workspaceTrouble(error: unknown, path: string): Promise<unknown> {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return workspaceErrors.full({ folder: path }, error);
    case 'ENOTDIR':
    case 'EEXIST':
      return workspaceErrors.notFolder({ path }, error);
    case 'EROFS':
      return workspaceErrors.unwritable({ folder: path, reason: 'the disk is read-only' }, error);
    case 'EACCES':
    case 'EPERM':
      return workspaceErrors.unwritable({ folder: path, reason: await whyDenied(path) }, error);
    case 'ENOENT':
    case 'EIO':
      return workspaceErrors.unwritable({ folder: path, reason: (error as Error).message }, error);
    default:
      return error;
  }
}

async function whyDenied(path: string): Promise<string> {
  const owner = (await stat(path).catch(() => undefined))?.uid;
  const own = process.geteuid?.();
  return owner === undefined || owner === own
    ? 'permission denied'
    : `permission denied: it belongs to user ${owner}, and this is user ${own}`;
}
