import type { Workspace } from '../../../engine/workspace/types.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';

/** A thread opens the workspace anew, as another process would: a connection is its thread's own. */
export async function withWorkspace<T>(
  home: string,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = await openWorkspace(home);
  try {
    return await work(workspace);
  } finally {
    await workspace.close();
  }
}
