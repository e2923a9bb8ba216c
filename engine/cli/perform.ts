import { join } from 'node:path';
import { exitCodes } from '../errors/index.js';
import { workspaceEmulator } from '../experiment/emulator.js';
import { runExperiment } from '../experiment/runner.js';
import { exportAll, makeExportFolder } from '../report/export.js';
import { loadComparison } from '../report/load-comparison.js';
import { terminalTable } from '../report/text.js';
import type { Comparison } from '../report/types.js';
import type { Context } from './context.js';

/** What running an experiment leaves: its comparison, and the files it was written to. */
export interface Performed {
  comparison: Comparison;
  files: string[];
}

/** Runs what an experiment lacks, and writes its comparison into the workspace in every format. */
export async function perform(
  context: Context,
  experimentId: number,
  baseline?: string,
): Promise<Performed> {
  const workspace = await context.workspace();
  const emulator = workspaceEmulator(workspace);
  const { name } = await runExperiment({ workspace, emulator }, experimentId, context.job);
  const comparison = await loadComparison(workspace, name, baseline);
  const folder = join(workspace.folders.experiments, String(experimentId));
  await makeExportFolder(folder);
  return { comparison, files: await exportAll(comparison, folder) };
}

/** The table, and where the files are. */
export function performedText({ comparison, files }: Performed, context: Context): string {
  const table = terminalTable(comparison, context.terminal.stdout).trimEnd();
  return `${table}\n\nWritten:\n${files.map((file) => `  ${file}`).join('\n')}`;
}

/** 6 when a boot failed, 8 when counts that must agree do not. */
export function performedExitCode({ comparison }: Performed): number {
  const runs = comparison.columns.flatMap((column) => column.runs);
  // Not the runs' own states: one that failed may have been done again since.
  if (comparison.experiment.state === 'failed') return exitCodes.guest;
  if (runs.some(({ differsFrom }) => differsFrom.length > 0)) return exitCodes.mismatch;
  return 0;
}
