import { mapAddress, ordered, type AddressMap, type Correction } from './address-map.js';
import type { Address32 } from './image.js';

/** What is known of a target: how often each correction of the map would be right for it. */
export type Wanted = Map<Address32, Map<number, number>>;

/** Counts one field whose target is `mapped` by the map and `actual` in the flavour. */
export function want(wanted: Wanted, map: AddressMap, target: Address32, actual: Address32): void {
  const shift = (actual - mapAddress(map, target)) | 0;
  if (Math.abs(shift) >= farthest) return;
  let shifts = wanted.get(target);
  if (!shifts) wanted.set(target, (shifts = new Map<number, number>()));
  shifts.set(shift, (shifts.get(shift) ?? 0) + 1);
}

/** What is further off is no address. */
export const farthest = 1 << 29;

/** Bytes of the recipe, about: a correction, and a field that is not predicted. */
const correctionCost = 3.2;
const missCost = 2.4;

interface Decision {
  at: number;
  shift: number;
  before: Decision | null;
}

/**
 * Chooses the corrections to an address map that make the recipe shortest:
 * a function of the address, constant piece by piece, where a new piece costs
 * and so does each field that is not predicted. Dynamic programming over the
 * targets in order, the present shift being the state.
 */
export function chooseCorrections(wanted: Wanted): Correction[] {
  const targets = [...wanted.keys()].sort((a, b) => ordered(a) - ordered(b));
  const states = new Map<number, { cost: number; last: Decision | null }>();
  states.set(0, { cost: 0, last: null });
  let best = { shift: 0, cost: 0 };
  targets.forEach((target, i) => {
    const from = { ...best, last: states.get(best.shift)!.last };
    for (const [shift, count] of wanted.get(target)!) {
      const state = states.get(shift);
      const gain = count * missCost;
      const switched = from.cost + correctionCost;
      const last = { at: ordered(target), shift, before: from.last };
      const next =
        state && state.cost <= switched
          ? { cost: state.cost - gain, last: state.last }
          : { cost: switched - gain, last };
      states.set(shift, next);
      if (next.cost < best.cost) best = { shift, cost: next.cost };
    }
    if (i % 512 === 511) forgetHopeless(states, best.cost);
  });
  const corrections: Correction[] = [];
  for (let d = states.get(best.shift)!.last; d; d = d.before) {
    corrections.push({ at: d.at, shift: d.shift });
  }
  return withoutFarSteps(corrections.reverse());
}

/** A distance has 31 bits: one that is longer goes by way of a correction that changes nothing. */
function withoutFarSteps(corrections: Correction[]): Correction[] {
  const farthestStep = 0x7fffffff;
  let before: Correction = { at: 0, shift: 0 };
  return corrections.flatMap((correction) => {
    const halfway = { at: before.at + farthestStep, shift: before.shift };
    const steps = correction.at <= halfway.at ? [correction] : [halfway, correction];
    before = correction;
    return steps;
  });
}

function forgetHopeless(states: Map<number, { cost: number }>, best: number): void {
  for (const [shift, { cost }] of states) {
    if (cost > best + 4 * correctionCost) states.delete(shift);
  }
}
