import type { Bytes } from '../../units.js';
import type { Kallsyms } from './read.js';
import { alignUp, longestName, markerInterval } from './tables.js';

/** Of it, what does not depend on the tables; engine/native/multi/kallsyms.c makes sure that it is enough. */
const fixedWork: Bytes = 0x50000;
/** There must be room for so much before a name is translated. */
const translateRoom: Bytes = 10 * longestName;

/** Work memory that kallsyms_read() and kallsyms_write() of engine/native/multi/kallsyms.c need. */
export function workSizeOf(base: Kallsyms, flavour: Kallsyms, freshCount: number): Bytes {
  const baseCount = base.names.count;
  const { count } = flavour.names;
  const isUnsorted = flavour.tables.layout.sequenced && !base.tables.layout.sequenced;
  const arrays = [
    baseCount + 1,
    baseCount,
    count,
    count,
    isUnsorted ? count : freshCount,
    count,
    count,
    Math.ceil(count / markerInterval),
  ];
  const words = arrays.reduce((sum, entries) => sum + alignUp(4 * entries, 8), 0);
  const packedSize = flavour.packed.reduce((size, { length }) => size + 2 + length, 0);
  return fixedWork + words + packedSize + translateRoom;
}
