import type { Bytes } from '../units.js';
import type { SignedAddress } from '../kernel/address.js';
import type { IndexIntoPlaceTable } from './places.js';

/** What comparing two rows came to, in the order of the numbers that tables hold. */
export const verdicts = ['identical', 'addresses', 'differs', 'only-a', 'only-b'] as const;
export type Verdict = (typeof verdicts)[number];

/**
 * Why a function differs, in the order in which they are tried: the first one
 * that applies is the main reason. docs/comparing.md has the rules.
 */
export const reasons = [
  'paravirt',
  'alternative',
  'static-key',
  'structure',
  'inlining',
  'registers',
  'reference',
  'layout',
  'other',
] as const;
export type Reason = (typeof reasons)[number];

/** How the two halves of a line compare: see SideBySideLine. */
export const lineMarks = [' ', '~', '|', '<', '>'] as const;
export type LineMark = (typeof lineMarks)[number];

/** Families of patch sites, code that the kernel rewrites at boot. */
export const siteFamilies = ['paravirt', 'alternative', 'static-key'] as const;
export type SiteFamily = (typeof siteFamilies)[number];

/** Verdict as a number: an index into `verdicts`. */
export const verdictIdentical = 0;
export const verdictAddresses = 1;
export const verdictDiffers = 2;
export const verdictOnlyA = 3;
export const verdictOnlyB = 4;

/** No reason: the row does not differ. */
export const noReason = 255;

export type IndexIntoComparisonTable = number;

/** Rows that were compared, as columns; in order of A's addresses, then those only B has. */
export interface ComparisonTable {
  length: number;
  /** Row in A's place table; -1 when only B has it. */
  a: Int32Array<ArrayBuffer>;
  /** Row in B's place table; -1 when only A has it. */
  b: Int32Array<ArrayBuffer>;
  /** Index into `verdicts`. */
  verdict: Uint8Array<ArrayBuffer>;
  /** Index of the main reason in `reasons`; `noReason` where nothing differs. */
  reason: Uint8Array<ArrayBuffer>;
  /** Everything that was seen: bit i for `reasons[i]`. */
  evidence: Uint16Array<ArrayBuffer>;
}

/** Bytes of a section that belong to no row, and how much of them is on both sides. */
export interface Remainder {
  section: string;
  /** The label they follow (`__start___ex_table`); empty for the rest of the section. */
  label: string;
  sizeA: Bytes;
  sizeB: Bytes;
  /** Pieces that both sides have, in any order, address fields by what they lead to. */
  sharedA: Bytes;
  sharedB: Bytes;
  /** Fill: zeros, nops, int3, and what no symbol covers of sections without contents. Not in `shared`. */
  paddingA: Bytes;
  paddingB: Bytes;
}

/** Where a row lies, for the two sides of a table alike. */
export interface PlaceSummary {
  name: string;
  address: SignedAddress;
  size: Bytes;
  section: string;
  row: IndexIntoPlaceTable;
}
