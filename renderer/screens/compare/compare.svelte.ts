import type { ComparisonDocument } from '../../../engine/contract/app/compare.js';
import type { ErrorBody } from '../../../engine/contract/app/jobs.js';
import { bodyOf, client } from '../../shared/client.js';
import { state as app } from '../../shared/state.svelte.js';
import type { Order, View } from './figures.js';

interface CompareState {
  experiment: number | undefined;
  /** Index of the column that others are compared with. */
  baseline: number;
  view: View;
  order: Order;
  spread: boolean;
  /** Columns of the experiment as rows of the table. */
  turned: boolean;
  /** Indices of columns that are left out. */
  hidden: number[];
  /** Run that is looked into. */
  run: number | undefined;
  /** While it is printed there is more of it. */
  printing: boolean;
  error: ErrorBody | undefined;
  /** For what is saved, without extension. */
  fileName: string;
}

/** What is compared, and how it is shown. Stays while other screens are. */
export const compare = $state<CompareState>({
  ...{ experiment: undefined, baseline: 0, view: 'absolute', order: 'table' },
  ...{ spread: false, turned: false, hidden: [], run: undefined },
  ...{ printing: false, error: undefined, fileName: 'comparison' },
});

/** The document itself is large and never changed in place. */
export const loaded = $state({
  document: undefined as ComparisonDocument | undefined,
  /** What counted, in a line. */
  provenance: '',
});

export function showComparison(experiment: number): void {
  if (compare.experiment !== experiment) {
    Object.assign(compare, { experiment, baseline: 0, hidden: [], run: undefined });
    loaded.document = undefined;
  }
  app.screen = 'compare';
}

export async function loadComparison(experiment: number, baseline: number): Promise<void> {
  try {
    const { comparison, provenance, fileName } = await client.call('compare.get', {
      experiment,
      baseline,
    });
    // Another may have been asked for meanwhile.
    if (compare.experiment !== experiment || compare.baseline !== baseline) return;
    loaded.document = comparison;
    loaded.provenance = provenance;
    compare.fileName = fileName;
    compare.error = undefined;
  } catch (error) {
    const body = bodyOf(error);
    if (body.code !== 'app-host-gone') compare.error = body;
  }
}
