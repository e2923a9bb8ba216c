import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../workspace/types.js';

/**
 * Forgets an experiment, its runs, and the comparison that `kbl` wrote into the workspace.
 * @throws experiment-unknown, experiment-busy
 */
export async function deleteExperiment(workspace: Workspace, id: number): Promise<void> {
  await workspace.database.experiments.remove(id);
  await rm(join(workspace.folders.experiments, String(id)), { recursive: true, force: true });
  workspace.log.info('experiment deleted', { experiment: id });
}
