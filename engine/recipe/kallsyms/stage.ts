import { recipeErrors } from '../../errors/recipe.js';
import type { Bytes } from '../../units.js';
import type { RangeCoder, RangeDecoder, RangeEncoder } from '../range-coder.js';
import { readAddresses } from './addresses.js';
import { codeAddresses, type MapAddress } from './code-addresses.js';
import { decodeNames, encodeNames } from './code-names.js';
import { decodeTokens, encodeTokens } from './code-tokens.js';
import { nameAt, readNames, readPacked, sizeOfNames, withNames, type NameList } from './names.js';
import { matchNames } from './match.js';
import type { Kallsyms } from './read.js';
import { workSizeOf } from './work-size.js';
import {
  get32,
  longestName,
  mostSymbols,
  placesOf,
  within,
  type KallsymsLayout,
} from './tables.js';
import { readTokens, tokenTableSize, type TokenStrings } from './tokens.js';
import { findTies } from './ties.js';
import { Translator } from './translate.js';
import { writeKallsyms } from './write.js';

/**
 * Writes a flavour's tables as what must be known beside the base's.
 * @param mapAddress  predicts addresses; null if the reader has no map either
 * @returns the work memory that the reader in C needs
 */
export function encodeKallsyms(
  coder: RangeEncoder,
  base: Kallsyms,
  flavour: Kallsyms,
  mapAddress: MapAddress | null,
): Bytes {
  const matching = matchNames(base.names, flavour.names);
  const fresh: Uint8Array[] = [];
  const source = matching.source.map((index, i) =>
    index >= 0 ? index : base.names.count + fresh.push(flavour.packed[i]!) - 1,
  );
  const ties = findTies(base, flavour, matching.source);
  codeLayout(coder, base.tables.layout);
  codeLayout(coder, flavour.tables.layout);
  codeWord(coder, flavour.relativeBase);
  codeWord(coder, flavour.names.count);
  codeWord(coder, fresh.length);
  encodeTokens(coder, base.strings, flavour.strings, flavour.tokens);
  encodeNames(coder, matching, base.names.count, { fresh, ties });
  const sources = { source, baseAddresses: base.addresses, mapAddress };
  codeAddresses(coder, sources, flavour.addresses.slice());
  return workSizeOf(base, flavour, fresh.length);
}

/**
 * Reads what `encodeKallsyms` wrote, and writes the tables to `out`.
 * @param mapAddress  as the encoder had it
 * @throws recipe-malformed
 */
export function decodeKallsyms(
  coder: RangeDecoder,
  baseImage: Uint8Array,
  out: Uint8Array,
  mapAddress: MapAddress | null,
): void {
  const baseLayout = codeLayout(coder);
  const layout = codeLayout(coder);
  const relativeBase = codeWord(coder);
  const count = codeWord(coder);
  const freshCount = codeWord(coder);
  const base = readBase(baseImage, baseLayout);
  // Each has an offset of 4 bytes and a name of 2 at least.
  const most = Math.min(mostSymbols, out.length / 6);
  if (count === 0 || count >= most || freshCount > count) {
    throw malformed('more symbols than there can be');
  }
  const { strings, packer } = decodeTokens(coder, base.strings);
  const { source, fresh, ties } = decodeNames(coder, count, base.names.count, freshCount);
  const unpacked = fresh.map((codes) => unpack(codes, strings));
  const names = takeNames(base.names, unpacked, source);
  const addresses = new Uint32Array(count);
  codeAddresses(coder, { source, baseAddresses: base.addresses, mapAddress }, addresses);
  const translator = new Translator(base.strings, packer);
  for (const joint of ties) translator.tie(joint);
  const packed = Array.from(source, (index) =>
    index < base.packed.length
      ? translator.translate(base.packed[index]!)
      : fresh[index - base.packed.length]!,
  );
  writeKallsyms(out, { layout, names, packed, strings, relativeBase, addresses });
}

function codeLayout(coder: RangeCoder, layout?: KallsymsLayout): KallsymsLayout {
  const flag = (set = false): boolean => coder.direct(1, set ? 1 : 0) === 1;
  return {
    word: flag(layout?.word === 4) ? 4 : 8,
    namesFirst: flag(layout?.namesFirst),
    sequenced: flag(layout?.sequenced),
    absolutePercpu: flag(layout?.absolutePercpu),
    numSyms: coder.direct(31, layout?.numSyms ?? 0),
  };
}

function codeWord(coder: RangeCoder, word = 0): number {
  const high = coder.direct(16, word >>> 16);
  return ((high << 16) | coder.direct(16, word & 0xffff)) >>> 0;
}

function readBase(
  image: Uint8Array,
  layout: KallsymsLayout,
): Pick<Kallsyms, 'names' | 'packed' | 'strings' | 'addresses'> {
  const { numSyms, word } = layout;
  if (!within(image, numSyms, 8)) throw malformed('no tables in the base');
  const count = get32(image, numSyms);
  const namesSize = count < mostSymbols ? sizeOfNames(image, numSyms + word, count) : null;
  if (namesSize === null || count === 0) throw malformed('no names in the base');
  const { tokenTable } = placesOf(layout, count, namesSize, 0);
  const strings = readTokens(image, tokenTable);
  if (strings === null) throw malformed('no tokens in the base');
  const places = placesOf(layout, count, namesSize, tokenTableSize(strings));
  const names = readNames(image, places.names, count, strings);
  if (
    names === null ||
    places.ranges.some(([start, end]) => !within(image, start, end - start)) ||
    !within(image, places.relativeBase, word)
  ) {
    throw malformed('tables outside the base');
  }
  return {
    names,
    packed: readPacked(image, places.names, count),
    strings,
    addresses: readAddresses(image, { layout, places, count, namesSize }),
  };
}

function unpack(codes: Uint8Array, strings: TokenStrings): Uint8Array {
  const name = Buffer.concat(Array.from(codes, (code) => strings[code]!));
  if (name.length === 0 || name.length > longestName)
    throw malformed('a symbol of impossible length');
  return name;
}

/** The names of the flavour: of the base and fresh ones, as `source` has them. */
function takeNames(base: NameList, fresh: readonly Uint8Array[], source: Uint32Array): NameList {
  const all = withNames(base, fresh);
  const start = new Uint32Array(source.length + 1);
  source.forEach((index, i) => {
    start[i + 1] = start[i]! + all.start[index + 1]! - all.start[index]!;
  });
  const text = new Uint8Array(start[source.length]!);
  source.forEach((index, i) => text.set(nameAt(all, index), start[i]));
  return { count: source.length, text, start };
}

const malformed = (why: string): Error => recipeErrors.malformed({ why: `kallsyms: ${why}` });
