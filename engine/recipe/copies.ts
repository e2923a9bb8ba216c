import type { Bytes, FileOffset } from '../units.js';
import {
  addressOf,
  loadedAt,
  type Address32,
  type KernelImage,
  type LoadedRange,
} from './image.js';

/** A piece of the flavour that is taken from the base. */
export interface Copy {
  /** Where it goes, in the flavour. */
  to: FileOffset;
  /** Where it comes from, in the base. */
  from: FileOffset;
  size: Bytes;
}

/** The addresses of a copy's first byte; undefined unless both ends are loaded. */
export interface CopyAddresses {
  from: Address32;
  to: Address32;
  /** What the base's addresses move by, modulo 2^32. */
  shift: number;
}

export function addressesOf(
  base: KernelImage,
  flavour: Pick<KernelImage, 'loaded'>,
  copy: Copy,
): CopyAddresses | undefined {
  const from = addressOf(base, copy.from);
  const to = addressOf(flavour, copy.to);
  if (from === undefined || to === undefined) return undefined;
  return { from, to, shift: (to - from) >>> 0 };
}

/** More copies than this no kernel needs; decoders keep a table of them. */
export const mostCopies = 1 << 20;

/** The longest of them, when there are too many: what is not copied is inserted. */
export function fewEnough(copies: readonly Copy[], most = mostCopies): Copy[] {
  if (copies.length <= most) return [...copies];
  const longest = [...copies].sort((a, b) => b.size - a.size).slice(0, most);
  return longest.sort((a, b) => a.to - b.to);
}

/**
 * Cuts copies where loaded ranges begin and end, in either image, so that each
 * has one shift, and cuts off what would be read outside of the base's ELF.
 */
export function cutAtLoadedRanges(
  copies: readonly Copy[],
  base: KernelImage,
  flavour: KernelImage,
): Copy[] {
  const pieces: Copy[] = [];
  for (const copy of copies) {
    let done = Math.max(0, -copy.from);
    const end = Math.min(copy.size, base.elfEnd - copy.from);
    while (done < end) {
      const from = copy.from + done;
      const to = copy.to + done;
      const size = Math.min(
        end - done,
        untilEdge(base.loaded, from),
        untilEdge(flavour.loaded, to),
      );
      pieces.push({ from, to, size });
      done += size;
    }
  }
  return pieces;
}

function untilEdge(loaded: readonly LoadedRange[], at: FileOffset): Bytes {
  const inside = loadedAt(loaded, at);
  if (inside) return inside.offset + inside.size - at;
  const next = loaded.find(({ offset }) => offset > at);
  return next ? next.offset - at : Infinity;
}
