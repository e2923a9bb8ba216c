import type { ComparisonDocument } from '../../../engine/contract/app/compare.js';
import { localTime } from '../../shared/figures.js';

/** What must be known to get the same figures again, for who has the paper only. Pure. */
export function printedFacts(
  { experiment, columns, baseline }: ComparisonDocument,
  provenance: string,
): { name: string; value: string }[] {
  const { name, note, plan, planHash, finishedAt, createdAt } = experiment;
  return [
    { name: 'experiment', value: `${name}, ${localTime(finishedAt ?? createdAt)}` },
    ...(note === '' ? [] : [{ name: 'note', value: note }]),
    { name: 'baseline', value: baseline.name },
    { name: 'counted by', value: provenance },
    { name: 'plan SHA-256', value: planHash },
    ...(plan.append === '' ? [] : [{ name: 'kernel command line, besides', value: plan.append }]),
    ...columns.map((column) => ({
      name: column.name,
      value: `kernel ${column.kernelVersion ?? 'of unknown version'}, image SHA-256 ${column.sha256}`,
    })),
  ];
}
