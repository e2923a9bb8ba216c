import type { Bytes, FileOffset } from '../units.js';
import { recipeErrors } from '../errors/recipe.js';
import type { AddressRange } from './fields.js';
import {
  loadedAt,
  mostRanges,
  type FileRange,
  type LoadedRange,
  type OrcTable,
  type RelocationLists,
} from './image.js';
import type { RangeCoder } from './range-coder.js';

/** What the decoder is told of an image, so that it need not read ELF. */
export interface ImageLayout {
  size: Bytes;
  elfEnd: FileOffset;
  loaded: LoadedRange[];
  relocations: RelocationLists;
  orc: OrcTable | null;
}

/** The first stage of a recipe. */
export interface Layout {
  base: ImageLayout;
  flavour: ImageLayout;
  /** Ranges of the base with instructions. */
  code: FileRange[];
  /** Where operands of the base's code can lead. */
  operands: AddressRange[];
}

/** 32 bits of probability one half each. */
export function codeWord(coder: RangeCoder, value = 0): number {
  const high = coder.direct(16, value >>> 16);
  return ((high << 16) | coder.direct(16, value & 0xffff)) >>> 0;
}

/** Writes the layout, or reads it. @throws recipe-malformed */
export function codeLayout(coder: RangeCoder, layout?: Layout): Layout {
  return {
    base: codeImage(coder, layout?.base),
    flavour: codeImage(coder, layout?.flavour),
    code: codeList(coder, layout?.code, codeFileRange),
    operands: codeList(coder, layout?.operands, codeAddressRange),
  };
}

function codeImage(coder: RangeCoder, image?: ImageLayout): ImageLayout {
  return {
    size: codeWord(coder, image?.size),
    elfEnd: codeWord(coder, image?.elfEnd),
    loaded: codeList(coder, image?.loaded, codeLoadedRange),
    relocations: {
      abs64: codeFileRange(coder, image?.relocations.abs64),
      inverse32: codeFileRange(coder, image?.relocations.inverse32),
      abs32: codeFileRange(coder, image?.relocations.abs32),
    },
    orc: codeOrc(coder, image?.orc),
  };
}

function codeList<T>(
  coder: RangeCoder,
  list: readonly T[] | undefined,
  code: (coder: RangeCoder, item?: T) => T,
): T[] {
  const count = coder.direct(8, list?.length ?? 0);
  if (count > mostRanges) throw recipeErrors.malformed({ why: `${count} ranges of one kind` });
  return Array.from({ length: count }, (_, i) => code(coder, list?.[i]));
}

const codeFileRange = (coder: RangeCoder, range?: FileRange): FileRange => ({
  offset: codeWord(coder, range?.offset),
  size: codeWord(coder, range?.size),
});

const codeAddressRange = (coder: RangeCoder, range?: AddressRange): AddressRange => ({
  start: codeWord(coder, range?.start),
  size: codeWord(coder, range?.size),
});

/** `memory` is not coded; nothing needs it. */
const codeLoadedRange = (coder: RangeCoder, range?: LoadedRange): LoadedRange => {
  const { offset, size } = codeFileRange(coder, range);
  return { offset, size, address: codeWord(coder, range?.address), memory: size };
};

/** A count of 0 stands for no table. */
function codeOrc(coder: RangeCoder, orc?: OrcTable | null): OrcTable | null {
  const count = codeWord(coder, orc?.count);
  if (count === 0) return null;
  return { count, ip: codeWord(coder, orc?.ip), entries: codeWord(coder, orc?.entries) };
}

/** @throws recipe-malformed unless everything lies where the layout says it can */
export function checkLayout(layout: Layout, baseSize: Bytes, flavourSize: Bytes): void {
  const { base, flavour, code } = layout;
  if (base.size !== baseSize || flavour.size !== flavourSize) {
    throw recipeErrors.malformed({ why: 'it was made for images of other sizes' });
  }
  for (const image of [base, flavour]) {
    const lists = Object.values(image.relocations) as FileRange[];
    const { orc } = image;
    const ranges = [...image.loaded, ...lists, { offset: 0, size: image.elfEnd }];
    if (orc) ranges.push({ offset: orc.ip, size: 4 * orc.count });
    if (orc) ranges.push({ offset: orc.entries, size: 6 * orc.count });
    if (!ranges.every((range) => range.offset + range.size <= image.size)) {
      throw recipeErrors.malformed({ why: 'a range ends behind its image' });
    }
    if (!lists.every(({ size }) => size % 4 === 0)) {
      throw recipeErrors.malformed({ why: 'a relocation list is no list of words' });
    }
  }
  const isLoaded = ({ offset, size }: FileRange): boolean => {
    const range = loadedAt(base.loaded, offset);
    return range !== undefined && offset + size <= range.offset + range.size;
  };
  if (!code.every(isLoaded)) throw recipeErrors.malformed({ why: 'code that is not loaded' });
}
