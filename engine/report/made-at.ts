import type { Comparison } from './types.js';

/** The date that exported files carry: when the experiment ended, so that exports repeat. */
export function madeAt({ experiment }: Comparison): Date {
  const date = new Date(experiment.finishedAt ?? experiment.createdAt);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}
