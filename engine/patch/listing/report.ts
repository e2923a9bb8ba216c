import { addressText, type SignedAddress } from '../../kernel/address.js';
import { csvText } from '../../report/csv.js';
import { withCodeText, type CodeLine } from './code-text.js';
import type { FunctionView } from './function-view.js';
import type { SiteList } from './site-list.js';
import { siteRow, type SiteRow } from './site-row.js';

/** The first rows of a list, decoded. */
export function siteRows(list: SiteList, limit = Infinity): SiteRow[] {
  const count = Math.min(limit, list.length);
  return withCodeText(list.kernel, (code) =>
    Array.from({ length: count }, (_, row) => siteRow(list, code, row)),
  );
}

/** Columns of the CSV, in order. New ones are added at the end, so that scripts may count. */
export const siteCsvColumns = [
  'address',
  'place',
  'family',
  'subject',
  'bytes',
  'instruction',
  'stays_in_text',
  'after_bytes',
  'after_instruction',
  'outcome',
] as const;

/** Every site, a row each. */
export function sitesCsv(list: SiteList): string {
  const rows = siteRows(list).map((row) => [
    ...[row.address, row.place, row.family, row.subject, row.bytes, row.instruction],
    row.staysInText ? 'yes' : 'no',
    ...[row.after?.bytes, row.after?.instruction, row.after?.outcome],
  ]);
  return csvText([siteCsvColumns, ...rows]);
}

/** The side-by-side listing as plain data; offsets from the function's start. */
export function functionReport({ name, address, size, blocks }: FunctionView) {
  return {
    name,
    address: addressText(address),
    size,
    blocks: blocks.map(({ original, sites, after, changes }) => ({
      original: original.map(lineFrom(address)),
      sites: sites.map((site) => ({
        address: addressText(site.address),
        family: site.family,
        subject: site.subject,
        replacement: site.replacement?.map(lineFrom(site.replacement[0]?.address ?? 0)) ?? null,
      })),
      after: after?.map(lineFrom(address)) ?? null,
      changes,
    })),
  };
}

function lineFrom(start: SignedAddress) {
  return ({ address, size, text }: CodeLine) => ({ offset: address - start, size, text });
}
