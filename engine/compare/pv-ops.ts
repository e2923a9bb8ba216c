import { namePvOps, xenOpsGroup, type PvOpsNames } from '../kernel/pv-ops.js';
import type { Bytes } from '../units.js';
import { firstFieldFrom } from './fields.js';
import { placeAt, type IndexIntoPlaceTable } from './places.js';
import type { Side } from './side.js';

export type { PvOpsNames } from '../kernel/pv-ops.js';

/** Names of the members of a kernel's `pv_ops`, by its relocations; none where it has no pv_ops. */
export function pvOpsNames(side: Side): PvOpsNames {
  const { table } = side.places;
  const pvOps = table.name.indexOf('pv_ops');
  if (pvOps < 0) return new Map();
  const xen: [string, Iterable<[Bytes, string]>][] = [];
  for (let row = 0; row < table.length; row++) {
    const group = xenOpsGroup(table.name[row]!);
    if (group === undefined || table.size[row] !== table.size[pvOps]) continue;
    xen.push([group, functionsIn(side, row)]);
  }
  return namePvOps(functionsIn(side, pvOps), xen);
}

/** Offsets in an object at which the address of a function is. */
function* functionsIn(
  { places: { table }, fields }: Side,
  row: IndexIntoPlaceTable,
): Generator<[offset: Bytes, name: string]> {
  const start = table.start[row]!;
  const end = start + table.size[row]!;
  for (let i = firstFieldFrom(fields, start); i < fields.length && fields.start[i]! < end; i++) {
    const target = placeAt(table, fields.target[i]!);
    if (target >= 0 && table.start[target] === fields.target[i]) {
      yield [fields.start[i]! - start, table.name[target]!];
    }
  }
}
