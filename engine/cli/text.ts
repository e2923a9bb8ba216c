import stringWidth from 'string-width';
import type { ImageRecord } from '../../db/records.js';
import { grouped, tidy } from '../report/figures.js';
import type { Bytes, Sha256 } from '../units.js';

/**
 * Columns of text, two blanks apart; no blanks at the ends of lines. Cells are
 * made safe for a terminal, so they must not hold colours.
 * @param right indices of columns that are aligned to the right
 */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const safe = rows.map((row) => row.map(tidy));
  const widths: number[] = [];
  for (const row of safe) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell));
    });
  }
  const padded = safe.map((row) =>
    row.map((cell, index) => {
      const blanks = ' '.repeat((widths[index] ?? 0) - stringWidth(cell));
      return right.includes(index) ? blanks + cell : cell + blanks;
    }),
  );
  return padded.map((row) => row.join('  ').trimEnd()).join('\n');
}

/** `2 612 480 bytes`: the digits in groups. */
export function byteCount(bytes: Bytes): string {
  return `${grouped(bytes)} bytes`;
}

/** As much of a digest as is typed and shown. */
export function shortDigest(sha256: Sha256): string {
  return sha256.slice(0, 12);
}

/** `2026-11-23 05:02`, in UTC. */
export function shortTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** `built native`, `merged native + xen`, `imported`. */
export function kindText({
  kind,
  flavour,
  parts,
}: Pick<ImageRecord, 'kind' | 'flavour' | 'parts'>): string {
  const of = parts.length > 0 ? parts.map(({ label }) => label).join(' + ') : (flavour ?? '');
  return `${kind} ${of}`.trim();
}
