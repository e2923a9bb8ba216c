import { relocationSections, type ByteSource } from '../elf/index.js';
import { completeFields } from './decoded-fields.js';
import { firstFieldFrom, type FieldTable } from './fields.js';
import { loadKernel, type KernelImage } from './image.js';
import { placeBytes, readPlaces, type IndexIntoPlaceTable, type Places } from './places.js';
import { relocatedFields } from './relocated-fields.js';

/** One of the two kernels that are compared, with everything that is known of it alone. */
export interface Side {
  image: KernelImage;
  places: Places;
  fields: FieldTable;
  /** Whether the file has relocations: without, absolute addresses are not known as such. */
  isRelocatable: boolean;
}

/** @throws compare-*, elf-* */
export function readSide(source: ByteSource, label: string): Side {
  const image = loadKernel(source, label);
  const places = readPlaces(image);
  const fields = completeFields(image, places.table, relocatedFields(image));
  const isRelocatable = relocationSections(image.elf).some(({ size }) => size > 0);
  return { image, places, fields, isRelocatable };
}

/** A hash of a row's bytes without what its address fields contain (FNV-1a, 32 bits). */
export function contentHash(side: Side, row: IndexIntoPlaceTable): number {
  const { image, places, fields } = side;
  const start = places.table.start[row]!;
  const size = places.table.size[row]!;
  const bytes = placeBytes(image, places.table, row);
  let hash = (0x811c9dc5 ^ size) | 0;
  let at = 0;
  for (let field = firstFieldFrom(fields, start); at < bytes.length; field++) {
    const from = field < fields.length ? fields.start[field]! - start : Infinity;
    for (const end = Math.min(from, bytes.length); at < end; at++) {
      hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    }
    if (at < bytes.length) {
      hash = Math.imul(hash ^ 0x100, 0x01000193);
      at = from + fields.size[field]!;
    }
  }
  return hash >>> 0;
}
