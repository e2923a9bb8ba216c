import type { z } from 'zod';
import type { observeDocument } from '../contract.js';
import { grouped, tidy } from '../report/figures.js';
import type { Colours } from './colours.js';
import { byteCount, shortDigest, table } from './text.js';

/** What `kbl observe` says of a kernel that was booted. */

type Observed = z.infer<typeof observeDocument>;
type Observation = NonNullable<Observed['observation']>;
type Changes = NonNullable<Observed['changes']>;

export function observeText(observed: Observed, limit: number, colours: Colours): string {
  const { image, environment, cpu, observation, changes } = observed;
  if (!observation || !changes) return '';
  const { emulator, xen } = observation;
  const { text, constants, freed } = changes;
  return [
    colours.bold(`${tidy(image.name ?? image.file)} as ${environment} with -cpu ${tidy(cpu)}`),
    tidy(`${emulator}${xen === null ? '' : `, Xen ${xen}`}`),
    ...memoryLines(observation),
    '',
    `code: ${grouped(text.changed)} of ${byteCount(text.size)} changed`,
    familyTable(changes),
    '',
    `constants: ${grouped(constants.changed)} of ${byteCount(constants.size)} changed`,
    ...ownerLines(changes, limit),
    '',
    `not compared: ${byteCount(freed)} that are freed after boot, and writable data`,
    ...changes.unread.map(({ family, why }) =>
      colours.red(`the table of ${family} was not understood: ${tidy(why)}`),
    ),
    ...unexplainedLines(changes, limit, colours),
  ].join('\n');
}

function memoryLines({
  cached,
  exact,
  start,
  size,
  physical,
  sha256,
  wall,
}: Observation): string[] {
  const seconds = `${(wall / 1000).toFixed(1)} s, emulated`;
  return [
    `${byteCount(size)} of memory from ${start}, at 0x${physical} of the machine, SHA-256 ${shortDigest(sha256)}`,
    cached ? `booted before (${seconds}), and found again` : `booted now (${seconds})`,
    ...(exact
      ? []
      : [
          'stopped from outside: code repeats, but what timers change may differ from boot to boot',
        ]),
  ];
}

function familyTable({ families, direct, text }: Changes): string {
  const rows = families.map(({ family, sites, changed, changedBytes }) => [
    ...[family, grouped(sites), grouped(changed), grouped(changedBytes)],
  ]);
  const byName = direct
    .filter(({ changedBytes }) => changedBytes > 0)
    .map(({ name, writer, changedBytes }) => [
      ...[`${name}, by ${writer}()`, '1', '1', grouped(changedBytes)],
    ]);
  const explained = [...families, ...direct].reduce(
    (sum, { changedBytes }) => sum + changedBytes,
    0,
  );
  const sites = families.reduce((sum, one) => sum + one.sites, 0);
  const changed = families.reduce((sum, one) => sum + one.changed, 0) + byName.length;
  return table(
    [
      ['FAMILY', 'SITES', 'CHANGED', 'BYTES'],
      ...rows,
      ...byName,
      ['all', grouped(sites + byName.length), grouped(changed), grouped(explained)],
      ...(explained === text.changed
        ? []
        : [['unexplained', '', '', grouped(text.changed - explained)]]),
    ],
    [1, 2, 3],
  );
}

const ownerKinds: Record<Changes['owners'][number]['kind'], string> = {
  table: 'table of a family, sorted or marked',
  'ro-after-init': 'variable, read-only after init',
  unnamed: 'not told: this kernel has no names of data',
  constant: 'unexplained',
};

function ownerLines({ owners }: Changes, limit: number): string[] {
  if (owners.length === 0) return [];
  const shown = owners.slice(0, limit);
  const rest = owners.slice(limit);
  const more = rest.reduce((sum, { changedBytes }) => sum + changedBytes, 0);
  const rows = shown.map(({ kind, name, changedBytes }) => [
    ...[name, grouped(changedBytes), ownerKinds[kind]],
  ]);
  return [
    table([['BELONGS TO', 'BYTES', 'WHICH IS'], ...rows], [1]),
    ...(rest.length === 0
      ? []
      : [`and ${grouped(rest.length)} more with ${byteCount(more)} (--limit, --json)`]),
  ];
}

function unexplainedLines(
  { unexplained, owners }: Changes,
  limit: number,
  colours: Colours,
): string[] {
  const { places, bytes, first } = unexplained;
  const unnamed = owners.find(({ kind }) => kind === 'unnamed');
  const exception = unnamed
    ? `, but for ${byteCount(unnamed.changedBytes)} of constants that have no names`
    : '';
  if (places === 0) return [colours.green(`every change is explained${exception}`)];
  const shown = first.slice(0, limit);
  return [
    colours.red(`unexplained: ${byteCount(bytes)} at ${grouped(places)} places`),
    table([
      ['ADDRESS', 'PLACE', 'FILE', 'MEMORY'],
      ...shown.map(({ address, place, file, memory }) => [address, place, file, memory]),
    ]),
    ...(places > shown.length
      ? [`and ${grouped(places - shown.length)} more (--limit, --json)`]
      : []),
  ];
}
