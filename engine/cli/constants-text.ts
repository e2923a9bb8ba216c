import type { z } from 'zod';
import type { constantsDocument } from '../contract.js';
import { hazardText } from '../patch/constants/hazards.js';
import { grouped } from '../report/figures.js';
import { table } from './text.js';

type Reply = z.infer<typeof constantsDocument>;
type Row = Reply['ranked'][number];

/** The ranking as columns of text. */
export function constantsText(reply: Reply, limit: number): string {
  const { ranked } = reply;
  const shown = ranked.slice(0, limit);
  const rest = ranked.length - shown.length;
  return [
    ...heading(reply),
    '',
    table(
      [
        ['variable', 'section', 'bytes', 'value', 'loads', 'fit', 'boot', 'executed', 'saved', ''],
        ...shown.map(cells),
      ],
      [2, 4, 5, 6, 7, 8],
    ),
    ...(rest > 0 ? [`(${grouped(rest)} more: --limit, or --json)`] : []),
    '',
    'loads executed by one operation',
    table(
      [
        ['workload', 'executed', 'an immediate fits', 'of constants'],
        ...reply.totals.map(({ workload, executed, replaceable, safe }) => [
          workload,
          ...[executed, replaceable, safe].map(grouped),
        ]),
      ],
      [1, 2, 3],
    ),
    '',
    'executed, saved: loads by one operation of every workload together. boot: up to /init.',
    'An immediate saves a load from memory, not an instruction: instruction counts stay as they are.',
  ].join('\n');
}

function heading({ image, environment, cpu, variables, loads, relocations }: Reply): string[] {
  const found = `${grouped(loads)} loads of ${grouped(variables)} variables`;
  const lines = [`${image.name} on ${environment} (${cpu}): ${found}`];
  if (relocations) {
    const { relocations: all, decoded, others, unrelocated } = relocations;
    lines.push(
      `relocations against them in .text: ${grouped(all)}; ${grouped(decoded)} at plain addresses, ` +
        `${grouped(others)} with an index or of an address; without one: ${grouped(unrelocated)}`,
    );
  }
  return lines;
}

function cells(row: Row): string[] {
  const { name, class: section, size, value, loads, replaceable, executed, saved } = row;
  const refused = Object.entries(row.refused).map(([why, times]) => `${why} ${grouped(times)}`);
  const notes = [...refused, ...row.hazards.map((hazard) => hazardText(hazard, 2))];
  return [
    ...[name, section, grouped(size), value],
    ...[loads, replaceable, executed.boot, executed.all, saved.all].map(grouped),
    notes.join('; '),
  ];
}
