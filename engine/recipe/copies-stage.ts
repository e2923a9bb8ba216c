import { recipeErrors } from '../errors/recipe.js';
import type { FileOffset } from '../units.js';
import type { BitReader, BitWriter } from './bit-stream.js';
import { mostCopies, type Copy } from './copies.js';
import { codeWord } from './layout.js';
import { numberSymbols, PrefixReader, PrefixWriter, type Group } from './prefix-coding.js';
import type { RangeDecoder, RangeEncoder } from './range-coder.js';

/**
 * The copies, in the flavour's order: how many bytes are inserted before each,
 * how long it is, and its diagonal, the distance from the flavour to the base:
 * that of the copy before, one of the three used before that, or so much more
 * or less than that of the copy before.
 */
const groups: readonly Group[] = [
  { contexts: 1, symbols: numberSymbols, tables: [1] },
  { contexts: 2, symbols: numberSymbols, tables: [1, 2] },
  { contexts: 4, symbols: 6, tables: [1, 2, 4] },
  { contexts: 4, symbols: numberSymbols, tables: [1, 2, 4] },
];
const insertions = 0;
const sizes = 1; // by whether bytes are inserted before
const kinds = 2; // by that, and by whether the last distance was backwards
const distances = 3; // by whether bytes are inserted before, and by direction

const same = 0; // 1 to 3: recent
const forwards = 4;
const backwards = 5;

/** The diagonals used last, the latest first. */
class Recent {
  readonly #diagonals = [0, 0, 0, 0];

  /** 0 for the latest; -1 for none of these. */
  indexOf(diagonal: number): number {
    return this.#diagonals.indexOf(diagonal);
  }

  at(index: number): number {
    return this.#diagonals[index]!;
  }

  use(diagonal: number): void {
    const at = this.#diagonals.indexOf(diagonal);
    this.#diagonals.copyWithin(1, 0, at < 0 ? 3 : at);
    this.#diagonals[0] = diagonal;
  }
}

/** @returns how many code tables there are */
export function writeCopies(
  coder: RangeEncoder,
  stream: BitWriter,
  copies: readonly Copy[],
): number {
  const writer = new PrefixWriter(groups);
  const recent = new Recent();
  let to = 0;
  let wasBackwards = 0;
  for (const copy of copies) {
    const inserted = copy.to - to;
    const after = inserted > 0 ? 1 : 0;
    writer.number(insertions, 0, inserted);
    writer.number(sizes, after, copy.size);
    const diagonal = copy.from - copy.to;
    const known = recent.indexOf(diagonal);
    const distance = diagonal - recent.at(0);
    const back = distance < 0 ? 1 : 0;
    const kind = known >= 0 ? known : back ? backwards : forwards;
    writer.symbol(kinds, 2 * after + wasBackwards, kind);
    if (known < 0) {
      writer.number(distances, 2 * after + back, Math.abs(distance));
      wasBackwards = back;
    }
    recent.use(diagonal);
    to = copy.to + copy.size;
  }
  codeWord(coder, copies.length);
  return writer.write(coder, stream);
}

/**
 * @param flavourEnd where the flavour's ELF ends, and the copies with it
 * @throws recipe-malformed
 */
export function readCopies(
  coder: RangeDecoder,
  stream: BitReader,
  baseSize: FileOffset,
  flavourEnd: FileOffset,
): Copy[] {
  const count = codeWord(coder);
  if (count > Math.min(flavourEnd, mostCopies))
    throw recipeErrors.malformed({ why: `${count} copies` });
  const reader = new PrefixReader(coder, stream, groups);
  const recent = new Recent();
  const copies: Copy[] = [];
  let to = 0;
  let wasBackwards = 0;
  for (let i = 0; i < count; i++) {
    const inserted = reader.number(insertions, 0);
    const after = inserted > 0 ? 1 : 0;
    const size = reader.number(sizes, after);
    const kind = reader.symbol(kinds, 2 * after + wasBackwards);
    if (kind > backwards) throw recipeErrors.malformed({ why: 'a copy of no kind' });
    let diagonal = recent.at(kind < forwards ? kind : same);
    if (kind >= forwards) {
      wasBackwards = kind === backwards ? 1 : 0;
      const distance = reader.number(distances, 2 * after + wasBackwards);
      diagonal += wasBackwards ? -distance : distance;
    }
    to += inserted;
    const from = to + diagonal;
    if (from < 0 || from + size > baseSize || to + size > flavourEnd) {
      throw recipeErrors.malformed({ why: 'a copy leads outside of an image' });
    }
    recent.use(diagonal);
    copies.push({ to, from, size });
    to += size;
  }
  return copies;
}
