import type { NameList } from './names.js';

/** Where the names of a flavour are in the base. */
export interface Matching {
  /** For each name of the flavour its index in the base, -1 if it has none there. */
  source: Int32Array;
  /** 1 for names whose indices in the base ascend: a common subsequence. */
  inOrder: Uint8Array;
}

/**
 * Matches two lists that are in the order of their addresses and mostly alike:
 * names that both have once, as long as they ascend; equal neighbours of these;
 * what else is equal between them; and out of order, names that both have once.
 */
export function matchNames(base: NameList, flavour: NameList): Matching {
  const baseKeys = keysOf(base);
  const keys = keysOf(flavour);
  const source = uniqueMatches(baseKeys, keys);
  const inOrder = ascendingSubsequence(source);
  const common = source.map((at, i) => (inOrder[i] === 1 ? at : -1));
  forEachGap(common, baseKeys.length, (gap) => {
    matchGap(gap, baseKeys, keys, common);
  });
  for (let i = 0; i < keys.length; i++) {
    if (common[i]! < 0) continue;
    source[i] = common[i]!;
    inOrder[i] = 1;
  }
  return { source, inOrder };
}

function keysOf({ text, start, count }: NameList): string[] {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
  return Array.from({ length: count }, (_, i) => bytes.toString('latin1', start[i], start[i + 1]));
}

/** Index of each string that is there once, -1 for the others. */
function onlyPlaces(keys: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  keys.forEach((key, i) => places.set(key, places.has(key) ? -1 : i));
  return places;
}

function uniqueMatches(baseKeys: readonly string[], keys: readonly string[]): Int32Array {
  const inBase = onlyPlaces(baseKeys);
  const inFlavour = onlyPlaces(keys);
  return Int32Array.from(keys, (key) => (inFlavour.get(key)! < 0 ? -1 : (inBase.get(key) ?? -1)));
}

/** Marks a longest ascending subsequence of the entries that are not negative (patience sorting). */
function ascendingSubsequence(values: Int32Array): Uint8Array {
  const piles: number[] = [];
  const before = new Int32Array(values.length).fill(-1);
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < 0) continue;
    const pile = firstPileNotBelow(piles, values, values[i]!);
    if (pile > 0) before[i] = piles[pile - 1]!;
    piles[pile] = i;
  }
  const marks = new Uint8Array(values.length);
  for (let i = piles.at(-1) ?? -1; i >= 0; i = before[i]!) marks[i] = 1;
  return marks;
}

function firstPileNotBelow(piles: readonly number[], values: Int32Array, value: number): number {
  let low = 0;
  let high = piles.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[piles[middle]!]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Names [from, to) of the flavour and [baseFrom, baseTo) of the base, between two that are matched. */
interface Gap {
  from: number;
  to: number;
  baseFrom: number;
  baseTo: number;
}

function forEachGap(common: Int32Array, baseCount: number, visit: (gap: Gap) => void): void {
  let from = 0;
  let baseFrom = 0;
  // Visiting changes only entries before i.
  for (let i = 0; i <= common.length; i++) {
    const at = i < common.length ? common[i]! : baseCount;
    if (at < 0) continue;
    if (from < i && baseFrom < at) visit({ from, to: i, baseFrom, baseTo: at });
    from = i + 1;
    baseFrom = at + 1;
  }
}

function matchGap(
  { from, to, baseFrom, baseTo }: Gap,
  baseKeys: readonly string[],
  keys: readonly string[],
  common: Int32Array,
): void {
  for (; from < to && baseFrom < baseTo && keys[from] === baseKeys[baseFrom]; from++, baseFrom++) {
    common[from] = baseFrom;
  }
  for (; from < to && baseFrom < baseTo && keys[to - 1] === baseKeys[baseTo - 1];) {
    common[--to] = --baseTo;
  }
  if (from === to || baseFrom === baseTo) return;
  const places = new Map<string, number[]>();
  for (let j = baseTo - 1; j >= baseFrom; j--) {
    const list = places.get(baseKeys[j]!);
    if (list === undefined) places.set(baseKeys[j]!, [j]);
    else list.push(j);
  }
  for (let i = from, next = baseFrom; i < to; i++) {
    const list = places.get(keys[i]!);
    while (list !== undefined && list.length > 0 && list.at(-1)! < next) list.pop();
    const found = list?.pop();
    if (found === undefined) continue;
    common[i] = found;
    next = found + 1;
  }
}
