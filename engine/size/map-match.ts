import { addressText } from '../kernel/address.js';
import type { LoadedSection } from '../kernel/sections.js';
import type { LinkMap, MapSection, Piece } from './link-map.js';

/** A link map's sections in the order of a kernel's. */
export type MatchedMap =
  | { sections: readonly MapSection[]; mismatch?: undefined }
  | { sections?: undefined; mismatch: string };

/** Checks that a link map is that of a kernel: every section at its place, of its size. */
export function matchMap(sections: readonly LoadedSection[], map: LinkMap): MatchedMap {
  const byName = new Map(map.sections.map((section) => [section.name, section]));
  const found: MapSection[] = [];
  for (const { name, start, size } of sections) {
    const one = byName.get(name);
    if (!one) return { mismatch: `it has no ${name}` };
    if (one.start !== start || one.size !== size) {
      const places = `${one.size} bytes at ${addressText(one.start)}, not ${size} at ${addressText(start)}`;
      return { mismatch: `its ${name} has ${places}` };
    }
    found.push({ ...one, pieces: inOrder(one.pieces) });
  }
  return { sections: found };
}

/** By address, and never two for one byte, whatever a file claims. */
function inOrder(pieces: readonly Piece[]): Piece[] {
  let end = -Infinity;
  return [...pieces]
    .sort((a, b) => a.start - b.start)
    .flatMap((piece) => {
      const start = Math.max(piece.start, end);
      const size = piece.start + piece.size - start;
      if (size <= 0) return [];
      end = start + size;
      return [{ ...piece, start, size }];
    });
}
