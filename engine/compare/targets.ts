import { STT_SECTION, symbolName, symbolType } from '../elf/index.js';
import type { Bytes } from '../units.js';
import { lastNotAbove, signedAddress, type SignedAddress } from '../kernel/address.js';
import { anonymousEnd, anonymousStarts, normalisedContent, textAt } from './anonymous.js';
import { hasFieldIn, type IndexIntoFieldTable } from './fields.js';
import type { LoadedSection } from '../kernel/sections.js';
import { sectionOf } from './image.js';
import { isMadeUp } from './names.js';
import type { Pairing } from './pairing.js';
import { kindFunction, placeAt, type IndexIntoPlaceTable } from './places.js';
import type { Side } from './side.js';

/**
 * Where an address field leads, as one number that is equal for both kernels
 * when the places are the same: `subject * 2^31 + offset + 2^30`. A subject is
 * a pair of rows, a row of one side, a label, a string or other nameless data
 * by its content, or an address outside of all sections.
 */
export type Target = number;

const offsetSpan = 2 ** 31;

/** Nameless pieces are followed into each other this often: no kernel's tables are nested further. */
const deepest = 8;

export function targetSubject(target: Target): number {
  return Math.floor(target / offsetSpan);
}

export function targetOffset(target: Target): Bytes {
  return target - targetSubject(target) * offsetSpan - offsetSpan / 2;
}

/** Resolves the fields of one side; answers are kept. */
export interface TargetResolver {
  side: Side;
  /** Where nameless data begins: see anonymousStarts. */
  starts: Float64Array;
  of: (field: IndexIntoFieldTable) => Target;
  /** Subject of a row of this side. */
  subjectOf: (row: IndexIntoPlaceTable) => number;
  /** Whether a subject, of either side, is a function. */
  isFunction: (subject: number) => boolean;
}

export interface Targets {
  a: TargetResolver;
  b: TargetResolver;
  /** What a subject that is no row stands for: `label __init_end`, `"a string"`. */
  subjectText: (subject: number) => string | undefined;
}

/**
 * Resolvers for both sides. In this order, a field leads to
 * 1. the symbol its relocation names, when that is no section symbol: to the
 *    row of the symbol, or to its name when it has no size;
 * 2. the row that holds the address;
 * 3. in a section without contents, the label before it;
 * 4. elsewhere, what lies there: a constant by the bytes that the instruction
 *    takes, a string by its text, anything else (jump
 *    tables, replacements of alternatives) by its normalised content up to the
 *    next thing that is named or referred to;
 * 5. the bare number, outside of all sections.
 */
export function createTargets(a: Side, b: Side, pairing: Pairing): Targets {
  const rowsOfA = a.places.table.length;
  const firstOther = rowsOfA + b.places.table.length;
  const texts: string[] = [];
  const others = new Map<string, number>();
  const other = (text: string): number => {
    let subject = others.get(text);
    if (subject === undefined) {
      subject = firstOther + texts.length;
      others.set(text, subject);
      texts.push(text);
    }
    return subject;
  };
  const subjectOfB = (row: IndexIntoPlaceTable): number =>
    pairing.ofB[row]! >= 0 ? pairing.ofB[row]! : rowsOfA + row;
  const isFunction = (subject: number): boolean =>
    subject < rowsOfA
      ? a.places.table.kind[subject] === kindFunction
      : b.places.table.kind[subject - rowsOfA] === kindFunction;
  return {
    a: { ...resolver('a', a, (row) => row, other), isFunction },
    b: { ...resolver('b', b, subjectOfB, other), isFunction },
    subjectText: (subject) => texts[subject - firstOther],
  };
}

/** The name in a field's relocation, where that is one that a person gave. */
export function namedSymbol({ image: { symbols } }: Side, symbol: number): string | undefined {
  if (symbol < 0 || symbolType(symbols, symbol) === STT_SECTION) return undefined;
  const name = symbolName(symbols, symbol);
  return isMadeUp(name) ? undefined : name;
}

function resolver(
  which: 'a' | 'b',
  side: Side,
  subjectOf: (row: IndexIntoPlaceTable) => number,
  other: (text: string) => number,
): Omit<TargetResolver, 'isFunction'> {
  const { image, places, fields } = side;
  const { symbols } = image;
  const { table, labels, rowOfSymbol } = places;
  const starts = anonymousStarts(side);
  const known = new Float64Array(fields.length).fill(NaN);
  const pieces = new Map<SignedAddress, number>();

  const target = (subject: number, offset: number): Target =>
    Math.abs(offset) < offsetSpan / 2
      ? subject * offsetSpan + offset + offsetSpan / 2
      : other(`far ${subject} ${offset}`) * offsetSpan + offsetSpan / 2;

  /** @param depth how many nameless pieces refer to each other on the way here */
  const resolve = (field: IndexIntoFieldTable, depth: number): Target => {
    const address = fields.target[field]!;
    const symbol = fields.symbol[field]!;
    const name = namedSymbol(side, symbol);
    if (name !== undefined) {
      const row = rowOfSymbol[symbol]!;
      if (row >= 0) return target(subjectOf(row), address - table.start[row]!);
      return target(other(`label ${name}`), address - signedAddress(symbols.value[symbol]!));
    }
    const row = placeAt(table, address);
    if (row >= 0) return target(subjectOf(row), address - table.start[row]!);
    const position = sectionOf(image, address);
    const section = image.sections[position];
    if (!section) return target(other(`address ${address}`), 0);
    if (section.bytes.length === 0) {
      const label = lastNotAbove(labels.start, labels.length, address);
      return labels.section[label] === position
        ? target(other(`label ${labels.name[label]!}`), address - labels.start[label]!)
        : target(other(`section ${section.name}`), address - section.start);
    }
    const access = fields.access[field]!;
    const from = address - section.start;
    const isInside = access > 0 && from + access <= section.bytes.length;
    if (isInside && !hasFieldIn(fields, address, address + access)) {
      const bytes = section.bytes.subarray(from, from + access);
      return target(other(`constant ${Buffer.from(bytes).toString('hex')}`), 0);
    }
    return target(nameless(address, section, depth), 0);
  };

  const nameless = (address: SignedAddress, section: LoadedSection, depth: number): number => {
    const known = pieces.get(address);
    if (known !== undefined) return known;
    // Stands in for a piece that leads back to itself: like nothing in the other kernel.
    const unlike = other(`unlike ${which} ${address}`);
    if (depth === deepest) return unlike;
    pieces.set(address, unlike);
    const end = anonymousEnd(side, starts, address);
    const text = section.executable ? undefined : textAt(section, fields, address, end);
    const content =
      text === undefined
        ? `data ${normalisedContent(section, address - section.start, end - section.start, fields, (field) => resolve(field, depth + 1))}`
        : `"${text}"`;
    const subject = other(content);
    pieces.set(address, subject);
    return subject;
  };

  return {
    side,
    starts,
    subjectOf,
    of: (field) => {
      if (Number.isNaN(known[field])) known[field] = resolve(field, 0);
      return known[field]!;
    },
  };
}
