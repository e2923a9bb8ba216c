import type { Choices, ExperimentPlan } from '../../../engine/contract/app/experiments.js';

type Cell = ExperimentPlan['cells'][number];

/** Key of a cell in a set of chosen ones. */
export function cellKey(image: string, environment: string): string {
  return `${image} ${environment}`;
}

/** Chosen cells in the order of images, then environments: the first is the baseline. Pure. */
export function cellsOf(choices: Choices, chosen: ReadonlySet<string>): Cell[] {
  return choices.images.flatMap(({ sha256, name, verdicts }) =>
    verdicts
      .filter(({ boots, environment }) => boots && chosen.has(cellKey(sha256, environment)))
      .map(({ environment }) => ({ image: sha256, label: name, environment })),
  );
}

/** What a new plan starts from: every image bare, every workload. */
export function firstChoice(choices: Choices): { cells: Set<string>; workloads: Set<string> } {
  const cells = choices.images.flatMap(({ sha256, verdicts }) =>
    verdicts.some(({ environment, boots }) => environment === 'bare' && boots)
      ? [cellKey(sha256, 'bare')]
      : [],
  );
  return { cells: new Set(cells), workloads: new Set(choices.workloads.map(({ name }) => name)) };
}
