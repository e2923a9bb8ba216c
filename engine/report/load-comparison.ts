import { compare } from './comparison.js';
import type { Comparison } from './types.js';
import type { Workspace } from '../workspace/types.js';

/**
 * The comparison of an experiment's runs, from what is stored.
 * @param reference the experiment's name or id
 * @param baseline  see `findBaseline`; the first column by default
 * @throws experiment-unknown, report-no-columns, report-unknown-baseline
 */
export async function loadComparison(
  { database }: Workspace,
  reference: string,
  baseline?: string | number,
): Promise<Comparison> {
  const experiment = await database.experiments.find(reference);
  const [images, runs, measurements] = await Promise.all([
    database.images.list(),
    database.runs.ofExperiment(experiment.id),
    database.measurements.ofExperiment(experiment.id),
  ]);
  return compare({ experiment, images, runs, measurements, baseline });
}
