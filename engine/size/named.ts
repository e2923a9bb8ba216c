import { isMadeUp } from '../compare/names.js';
import { kindFunction, type PlaceTable } from '../compare/places.js';
import type { SignedAddress } from '../kernel/address.js';
import type { NameTable } from '../kernel/names.js';
import { sectionAt, type LoadedSection } from '../kernel/sections.js';
import type { Bytes } from '../units.js';

/** A run of bytes with a name. In a list of them they ascend and never overlap. */
export interface Named {
  start: SignedAddress;
  size: Bytes;
  name: string;
  isFunction: boolean;
  /** Number of the object file it is of, as symbols tell; -1 where they do not. */
  object: number;
}

/** What symbols cover. @param objects by row of the place table */
export function namedBySymbols(table: PlaceTable, objects: Int32Array): Named[] {
  return Array.from({ length: table.length }, (_, row) => ({
    start: table.start[row]!,
    size: table.size[row]!,
    name: table.name[row]!,
    isFunction: table.kind[row] === kindFunction,
    object: objects[row]!,
  }));
}

/**
 * What names without sizes cover (kallsyms): each up to the next one, or to its section's end, the
 * padding behind it included.
 */
export function namedByLabels(names: NameTable, sections: readonly LoadedSection[]): Named[] {
  const found: Named[] = [];
  for (let row = 0; row < names.length; row++) {
    const [start, name] = [names.start[row]!, names.name[row]!];
    const section = sections[sectionAt(sections, start)];
    // Of names that share an address, the first is taken.
    if (!section || isMadeUp(name) || found.at(-1)?.start === start) continue;
    const before = found.at(-1);
    if (before) before.size = Math.min(before.size, start - before.start);
    const size = section.start + section.size - start;
    found.push({ start, size, name, isFunction: section.executable, object: -1 });
  }
  return found;
}
