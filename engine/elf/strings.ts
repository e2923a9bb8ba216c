import { elfErrors } from '../errors/elf.js';
import type { Bytes } from '../units.js';
import { maximumString } from './limits.js';

/** A string section. Strings are decoded when asked for, never all at once. */
export interface StringTable {
  readonly bytes: Uint8Array;
  /** Name of the section, for error messages. */
  readonly section: string;
}

/**
 * The NUL-terminated string at an offset. Kernel names are ASCII; other bytes
 * come out as UTF-8, or as U+FFFD.
 * @throws elf-malformed when the offset is outside of the table or no NUL follows,
 *         elf-limit for a string beyond 4 KB
 */
export function stringAt(table: StringTable, offset: Bytes): string {
  const { bytes, section } = table;
  // An empty table still answers the empty name, which offset 0 stands for.
  if (offset === 0 && bytes.length === 0) return '';
  const what = `string ${offset} of ${section}`;
  if (offset >= bytes.length) {
    throw elfErrors.malformed({ what: `${what} lies outside of it`, place: { section } });
  }
  const window = bytes.subarray(offset, offset + maximumString + 1);
  const length = window.indexOf(0);
  if (length >= 0) return decode(window.subarray(0, length));
  if (window.length > maximumString) {
    throw elfErrors.limit({ what, limit: maximumString, place: { section } });
  }
  throw elfErrors.malformed({ what: `${what} has no end`, place: { section } });
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Whether the string at an offset is exactly this one, without decoding it. */
export function stringEquals(table: StringTable, offset: Bytes, wanted: Uint8Array): boolean {
  const end = offset + wanted.length;
  if (end >= table.bytes.length || table.bytes[end] !== 0) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (table.bytes[offset + i] !== wanted[i]) return false;
  }
  return true;
}
