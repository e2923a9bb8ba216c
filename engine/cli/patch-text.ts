import type { z } from 'zod';
import type { patchDocument } from '../contract.js';
import { grouped, tidy } from '../report/figures.js';
import type { Colours } from './colours.js';
import { byteCount, table } from './text.js';

/** What `kbl patch` says of its work. */

type Patched = z.infer<typeof patchDocument>;

export function patchText(patched: Patched, listed: number, colours: Colours): string {
  const { image, original, file, observation, relocations } = patched;
  const { environment, cpu, cached } = observation;
  const seen = cached ? 'booted before' : 'booted once';
  return [
    colours.bold(`patched ${tidy(original.name)} as ${tidy(image.name)}, ${byteCount(image.size)}`),
    ...(file === null ? [] : [`written to ${tidy(file)}`]),
    `for ${environment} with -cpu ${tidy(cpu)}, by the memory of the same kernel, ${seen}`,
    '',
    familyTable(patched),
    '',
    ...keyLines(patched),
    ...constantLines(patched),
    `relocations: ${grouped(relocations.dropped)} dropped, ${grouped(relocations.added)} added`,
    proof(patched, colours),
    ...differences(patched, listed),
  ].join('\n');
}

function familyTable({ families }: Patched): string {
  const rows = families.map(({ family, sites, changed, changedBytes, settled, initial }) => [
    family,
    grouped(sites),
    grouped(changed),
    grouped(changedBytes),
    settled ? grouped(settled.emptied) : '',
    settled
      ? settled.kept > 0
        ? `applies ${grouped(settled.kept)} ${settled.kept === 1 ? 'entry' : 'entries'}`
        : `${settled.calls === 1 ? 'the call' : `${settled.calls} calls`} that applied it: no-op`
      : initial.length > 0
        ? `${grouped(initial.length)} begin with their last value`
        : '',
  ]);
  const head = ['FAMILY', 'SITES', 'CHANGED', 'BYTES', 'TABLE EMPTIED', 'AT BOOT'];
  return table([head, ...rows], [1, 2, 3, 4]);
}

/** Names of keys and calls that are not what they were. */
function keyLines({ families }: Patched): string[] {
  const lines = families.flatMap(({ family, left, leftBecause }) => [
    ...(left.length === 0 ? [] : [`${family}, left to the kernel: ${names(left)}`]),
    ...(leftBecause === null ? [] : [`${family}, left to the kernel: ${leftBecause}`]),
  ]);
  return lines.length === 0 ? [] : [...lines, ''];
}

function constantLines({ constants }: Patched): string[] {
  if (constants.length === 0) return [];
  const rows = constants.map(({ symbol, value, replaced, refused }) => [
    symbol,
    value,
    grouped(replaced),
    [...new Set(refused.map(({ why }) => why))].join(', '),
    grouped(refused.length),
  ]);
  const head = ['CONSTANT', 'VALUE', 'IMMEDIATES', 'REFUSED FOR', 'LOADS'];
  return [table([head, ...rows], [2, 4]), ''];
}

const mostNames = 8;

function names(all: readonly string[]): string {
  const more = all.length - mostNames;
  const shown = all.slice(0, mostNames).map(tidy).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** The text with every site resolved, those too that must be left to the kernel in the file. */
function proof({ text }: Patched, colours: Colours): string {
  const { size, changedAtBoot, different, left, byName } = text;
  const what = `resolved text against memory, ${grouped(size)} bytes, of which boot had changed ${grouped(changedAtBoot)}`;
  const but = [
    ...(left === 0 ? [] : [`${grouped(left)} in sites that are left to the kernel`]),
    ...(byName === 0 ? [] : [`${grouped(byName)} that xen_start_kernel() writes by name`]),
  ];
  const except = but.length === 0 ? '' : ` (but ${but.join(', ')})`;
  const verdict =
    different === left
      ? colours.green('equal, every byte')
      : colours.red(`${grouped(different - left)} differ`);
  return `${what}: ${verdict}${except}`;
}

function differences({ text: { runs } }: Patched, listed: number): string[] {
  if (runs.length === 0) return [];
  const rows = runs
    .slice(0, listed)
    .map(({ address, place, file, memory }) => [address, place, file, memory]);
  const more = runs.length - rows.length;
  return [
    '',
    table([['ADDRESS', 'PLACE', 'PATCHED FILE', 'MEMORY'], ...rows]),
    ...(more > 0
      ? [`and ${grouped(more)} more ${more === 1 ? 'place' : 'places'} (--json lists them)`]
      : []),
  ];
}
