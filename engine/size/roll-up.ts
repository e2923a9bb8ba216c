import { folderOf } from '../compare/sources.js';
import type { Bytes } from '../units.js';
import type { KernelSize } from './kernel-size.js';
import type { IndexIntoLeafTable } from './leaves.js';
import { leafKinds, sizeClasses, type SizeClass, type SizeGrouping } from './types.js';

/** Bytes by what they are. */
export type ClassSizes = Record<SizeClass, Bytes> & { total: Bytes };

export interface SizeRow extends ClassSizes {
  name: string;
  /** Of a function or object: the object file it is of, where that is known. */
  object: string | null;
}

/** What is told of a whole kernel; sums of its leaves. */
export interface SizeTotals extends ClassSizes {
  /** Of `total`: bytes that belong to a known object file. */
  attributed: Bytes;
  /** Of `total`, by what the bytes are. */
  named: Bytes;
  unnamed: Bytes;
  padding: Bytes;
}

const noObject = '(of no object file)';
const padding = '(padding)';

/** The finest grouping that a kernel can be told by, but for single functions. */
export function usualGrouping({ hasFolders, attribution }: KernelSize): SizeGrouping {
  if (hasFolders) return 'subsystem';
  return attribution === 'nothing' ? 'section' : 'object';
}

/** Sums of leaves, the largest first. Every byte is in one row. */
export function rollUp(size: KernelSize, by: SizeGrouping): SizeRow[] {
  const rows = new Map<string, SizeRow>();
  for (let leaf = 0; leaf < size.leaves.length; leaf++) {
    const { name, object } = groupOf(size, leaf, by);
    const key = `${name}\0${object ?? ''}`;
    const row = rows.get(key) ?? { name, object, ...noBytes() };
    addTo(row, size, leaf);
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
}

export function totalsOf(size: KernelSize): SizeTotals {
  const totals: SizeTotals = { ...noBytes(), attributed: 0, named: 0, unnamed: 0, padding: 0 };
  const { leaves } = size;
  for (let leaf = 0; leaf < leaves.length; leaf++) {
    const bytes = leaves.size[leaf]!;
    const kind = leafKinds[leaves.kind[leaf]!]!;
    addTo(totals, size, leaf);
    if (leaves.object[leaf]! >= 0) totals.attributed += bytes;
    totals[kind === 'function' || kind === 'object' ? 'named' : kind] += bytes;
  }
  return totals;
}

function groupOf(
  { leaves, objects, sections }: KernelSize,
  leaf: IndexIntoLeafTable,
  by: SizeGrouping,
): { name: string; object: string | null } {
  const object = objects[leaves.object[leaf]!] ?? null;
  const isPadding = leafKinds[leaves.kind[leaf]!] === 'padding';
  const name = leaves.name[leaf]!;
  switch (by) {
    case 'section':
      return { name: sections[leaves.section[leaf]!]!.name, object: null };
    case 'function':
      return isPadding ? { name: padding, object: null } : { name, object };
    case 'object':
      return { name: object ?? (isPadding ? padding : noObject), object: null };
    case 'subsystem': {
      const folder = object?.includes('/') ? folderOf(object) : object;
      return { name: folder ?? (isPadding ? padding : noObject), object: null };
    }
  }
}

function noBytes(): ClassSizes {
  return {
    ...(Object.fromEntries(sizeClasses.map((one) => [one, 0])) as Record<SizeClass, Bytes>),
    total: 0,
  };
}

function addTo(row: ClassSizes, { leaves, sections }: KernelSize, leaf: IndexIntoLeafTable): void {
  const bytes = leaves.size[leaf]!;
  row[sections[leaves.section[leaf]!]!.class] += bytes;
  row.total += bytes;
}
