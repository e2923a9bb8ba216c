import { addressesOf, type Copy } from './copies.js';
import type { Address32, KernelImage } from './image.js';

/**
 * Where things of the base lie in the flavour: a shift for every address,
 * constant from each breakpoint to the next. Most of it follows from the copies
 * and is not stored: what lies in a copied piece moves as the piece does.
 * Corrections are added for the rest, .bss above all.
 *
 * Breakpoints are in the order of `ordered` addresses. engine/native/multi/address-map.c
 * is the twin.
 */
export interface AddressMap {
  /** Where each shift begins to hold, `ordered`, ascending; the first is 0. */
  at: Uint32Array;
  /** Added to an address, modulo 2^32. */
  shift: Uint32Array;
}

/** From `at` on, ordered, `shift` is added to what the copies say, until the next. */
export interface Correction {
  at: number;
  shift: number;
}

/** Kernel addresses first, per-CPU ones, which begin at 0, behind them. */
export const ordered = (address: Address32): number => (address ^ 0x80000000) >>> 0;

export function mapAddress({ at, shift }: AddressMap, address: Address32): Address32 {
  return (address + shift[lastAt(at, ordered(address))]!) >>> 0;
}

/** The last index whose value is not above; the first value must be 0. */
function lastAt(ascending: Uint32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

interface Interval {
  start: number;
  end: number;
  shift: number;
}

/**
 * The map that the copies tell. Where two copies of one place disagree, the
 * longer one counts; behind a copy its shift holds until the next.
 */
export function mapOfCopies(
  base: KernelImage,
  flavour: Pick<KernelImage, 'loaded'>,
  copies: readonly Copy[],
): AddressMap {
  const at = [0];
  const shift = [0];
  let end = 0;
  let longest = 0;
  for (const interval of intervalsOf(base, flavour, copies)) {
    const size = interval.end - interval.start;
    const last = at.length - 1;
    let start = Math.max(interval.start, at[last]!);
    if (start < end && size <= longest) {
      if (interval.end <= end) continue;
      start = end;
    }
    if (shift[last] === interval.shift) {
      end = Math.max(end, interval.end);
      longest = Math.max(longest, size);
      continue;
    }
    if (at[last] === start) {
      shift[last] = interval.shift;
    } else {
      at.push(start);
      shift.push(interval.shift);
    }
    end = interval.end;
    longest = size;
  }
  return { at: Uint32Array.from(at), shift: Uint32Array.from(shift) };
}

function intervalsOf(
  base: KernelImage,
  flavour: Pick<KernelImage, 'loaded'>,
  copies: readonly Copy[],
): Interval[] {
  const intervals: Interval[] = [];
  for (const copy of copies) {
    const addresses = addressesOf(base, flavour, copy);
    if (!addresses) continue;
    const start = ordered(addresses.from);
    intervals.push({ start, end: start + copy.size, shift: addresses.shift });
  }
  // Stable: of two that begin together the first copy comes first.
  return intervals.sort((a, b) => a.start - b.start);
}

/** Adds corrections, ordered by `at`, each at another place. */
export function correctMap(map: AddressMap, corrections: readonly Correction[]): AddressMap {
  const at: number[] = [];
  const shift: number[] = [];
  let added = 0;
  let i = 0;
  let j = 0;
  while (i < map.at.length || j < corrections.length) {
    const next = Math.min(map.at[i] ?? Infinity, corrections[j]?.at ?? Infinity);
    if (corrections[j]?.at === next) added = corrections[j++]!.shift;
    if (map.at[i] === next) i++;
    at.push(next);
    shift.push((map.shift[i - 1]! + added) >>> 0);
  }
  return { at: Uint32Array.from(at), shift: Uint32Array.from(shift) };
}
