import { grouped, tidy } from '../../report/figures.js';
import type { Discovery } from './pv-relocations.js';

/** What relocations find against what the table has, as lines. */
export function discoveryLines(
  { fields, entries, inBoth, onlyRelocated, onlyInTable, notes }: Discovery,
  { limit, bold }: { limit: number; bold: (text: string) => string },
): string[] {
  const line = (what: string, count: number): string =>
    `  ${what.padEnd(44)}${grouped(count).padStart(10)}`;
  const byUse = new Map<string, number>();
  for (const { use } of onlyRelocated) byUse.set(use, (byUse.get(use) ?? 0) + 1);
  const shown = onlyRelocated.slice(0, limit);
  const width = Math.max(0, ...shown.map(({ place }) => place.length));
  return [
    bold('paravirt sites from relocations against pv_ops'),
    ...notes.map((note) => `Note: ${tidy(note)}`),
    line('relocated fields that lead into pv_ops', fields),
    line("entries of the kernel's table", entries),
    line('sites in both', inBoth),
    line('sites in the table only', onlyInTable.length),
    line('fields outside of every site', onlyRelocated.length),
    ...[...byUse].map(([use, count]) => line(`  ${use}`, count)),
    ...(shown.length > 0 ? ['', bold('fields outside of every site')] : []),
    ...shown.map(({ address, place, use, member }) =>
      tidy(`  ${address}  ${place.padEnd(width)}  ${use.padEnd(17)}  ${member}`),
    ),
    ...more(onlyRelocated.length - shown.length),
    ...onlyInTable.slice(0, limit).map((address) => `  ${address}  in the table only`),
    ...more(onlyInTable.length - Math.min(limit, onlyInTable.length)),
  ];
}

function more(left: number): string[] {
  return left > 0 ? [`  ... and ${grouped(left)} more (--all)`] : [];
}
