import type { Split } from './figures.js';

/** Arithmetic of the chart's bars. Pure. */

export const domains = ['user', 'kernel', 'hypervisor'] as const;
export type Domain = (typeof domains)[number];

/** A piece of a stacked bar, in the unit of its axis. */
export interface Piece {
  readonly domain: Domain;
  readonly from: number;
  readonly to: number;
}

/** Domains one after the other from 0; those without anything are left out. */
export function stacked(split: Split): Piece[] {
  let at = 0;
  return domains.flatMap((domain) => {
    const from = at;
    at += split[domain];
    return split[domain] === 0 ? [] : [{ domain, from, to: at }];
  });
}

/**
 * Where a change comes from: what each domain adds to or takes from the
 * baseline, in percent of the baseline's total. What is added stacks to the right
 * of 0, what is taken to the left; together they are the change.
 */
export function contributions(split: Split, baseline: Split): Piece[] {
  const total = baseline.user + baseline.kernel + baseline.hypervisor;
  if (total === 0) return [];
  let right = 0;
  let left = 0;
  return domains.flatMap((domain) => {
    const percent = ((split[domain] - baseline[domain]) / total) * 100;
    if (percent === 0) return [];
    if (percent > 0) {
      right += percent;
      return [{ domain, from: right - percent, to: right }];
    }
    left += percent;
    return [{ domain, from: left, to: left - percent }];
  });
}

/** Round values of an axis from `least` to `most`, some five of them, 0 among them. */
export function ticks(least: number, most: number): number[] {
  const span = most - least;
  if (!(span > 0)) return [0];
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  const values: number[] = [];
  for (let i = Math.ceil(least / step) || 0; i * step <= most; i++) values.push(i * step);
  return values;
}
