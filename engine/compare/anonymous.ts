import type { Bytes } from '../units.js';
import { lastNotAbove, type SignedAddress } from '../kernel/address.js';
import { firstFieldFrom, hasFieldIn, type FieldTable, type IndexIntoFieldTable } from './fields.js';
import type { LoadedSection } from '../kernel/sections.js';
import { sectionOf } from './image.js';
import { placeAt } from './places.js';
import type { Side } from './side.js';

/**
 * Data that no sized symbol covers: strings that the linker merged, jump tables
 * of switches, constants that the compiler made up, tables of linker scripts.
 * Nothing says where one ends, but something refers to where each begins.
 */

/** Addresses at which nameless data begins: what fields refer to, and labels; ascending. */
export function anonymousStarts({ image, places, fields }: Side): Float64Array {
  const found = new Float64Array(fields.length + places.labels.length);
  let count = 0;
  const add = (address: SignedAddress): void => {
    const section = image.sections[sectionOf(image, address)];
    if (!section || section.bytes.length === 0) return;
    if (placeAt(places.table, address) < 0) found[count++] = address;
  };
  for (let field = 0; field < fields.length; field++) add(fields.target[field]!);
  for (let label = 0; label < places.labels.length; label++) add(places.labels.start[label]!);
  const sorted = found.subarray(0, count).sort();
  let length = 0;
  for (const address of sorted) {
    if (length === 0 || sorted[length - 1] !== address) sorted[length++] = address;
  }
  return sorted.subarray(0, length);
}

/** Longest text that is looked for; longer ones are compared as plain data. */
const longestText: Bytes = 4096;

/**
 * The NUL-terminated ASCII text at an address, or undefined when something else
 * lies there: bytes that no text has, an address field, or data that only
 * begins like a text (`{ 1, 2, 3 }` as integers is one byte and a NUL). Texts
 * may begin inside of others: the linker merges common ends.
 * @param end where the next thing begins that is named or referred to
 */
export function textAt(
  section: LoadedSection,
  fields: FieldTable,
  address: SignedAddress,
  end: SignedAddress,
): string | undefined {
  const { bytes } = section;
  const from = address - section.start;
  const last = Math.min(bytes.length, from + longestText);
  const nul = textEnd(bytes, from, last);
  if (nul < 0 || !isTexts(bytes, nul + 1, end - section.start)) return undefined;
  // The table of a switch may well begin with a zero, which would be an empty text.
  if (hasFieldIn(fields, address, section.start + nul + 1)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, nul - from).toString('latin1');
}

/** Where the NUL of a text is, or -1 when other bytes come before it. */
function textEnd(bytes: Uint8Array, from: Bytes, end: Bytes): Bytes {
  let at = from;
  while (at < end && isText(bytes[at]!)) at++;
  return at < end && bytes[at] === 0 ? at : -1;
}

/** Whether there are only padding and texts to which nothing refers; one letter may be a number. */
function isTexts(bytes: Uint8Array, from: Bytes, end: Bytes): boolean {
  for (let at = from; at < end; at++) {
    if (bytes[at] === 0) continue;
    const nul = textEnd(bytes, at, end);
    if (nul < at + 2) return false;
    at = nul;
  }
  return true;
}

/** Printable, a tab, a newline, the escape of colours, or KERN_SOH (linux/kern_levels.h). */
function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13) || byte === 0x1b || byte === 1;
}

/** Where the nameless data at an address ends: at the next start, row or end of the section. */
export function anonymousEnd(
  { image, places: { table } }: Side,
  starts: Float64Array,
  address: SignedAddress,
): SignedAddress {
  const section = image.sections[sectionOf(image, address)]!;
  const next = starts[lastNotAbove(starts, starts.length, address) + 1] ?? Infinity;
  const row = lastNotAbove(table.start, table.length, address) + 1;
  const nextRow = row < table.length ? table.start[row]! : Infinity;
  return Math.min(section.start + section.bytes.length, next, nextRow);
}

/**
 * A hash of a section's bytes with every field replaced by its target; zeros at
 * the end, which may be padding, count for nothing.
 * @param belonging what else the bytes belong to, as a target
 */
export function normalisedContent(
  section: LoadedSection,
  from: Bytes,
  end: Bytes,
  fields: Side['fields'],
  resolve: (field: IndexIntoFieldTable) => number,
  belonging = 0,
): number {
  const { bytes, start } = section;
  let field = firstFieldFrom(fields, start + from);
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  const mix = (value: number): void => {
    low = Math.imul(low ^ value, 0x01000193);
    high = Math.imul(high ^ value, 0x5bd1e995) ^ (high >>> 15);
  };
  const mixTarget = (target: number): void => {
    mix(target | 0);
    mix(Math.floor(target / 2 ** 32) | 0);
  };
  mixTarget(belonging);
  // Zeros are mixed in only once something follows them.
  let zeros = 0;
  for (let at = from; at < end;) {
    // The last field counts as a whole, also where something refers into the middle of it.
    if (field < fields.length && fields.start[field] === start + at) {
      const target = resolve(field);
      for (; zeros > 0; zeros--) mix(0);
      mix(0x100 | fields.size[field]!);
      mixTarget(target);
      at += fields.size[field]!;
      field++;
    } else {
      const byte = bytes[at++]!;
      if (byte === 0) zeros++;
      else {
        for (; zeros > 0; zeros--) mix(0);
        mix(byte);
      }
    }
  }
  return hashOf(low, high);
}

/** Two hashes of 32 bits as one number. */
function hashOf(low: number, high: number): number {
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}

/** A text's hash, of the same kind as that of other data. */
export function textHash(text: string): number {
  let low = 0x01000193;
  let high = 0x1b873593;
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(i), 0x5bd1e995) ^ (high >>> 15);
  }
  return hashOf(low, high);
}
