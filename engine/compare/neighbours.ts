import type { Bytes } from '../units.js';
import { lastNotAbove, type SignedAddress } from '../kernel/address.js';
import type { IndexIntoFieldTable } from './fields.js';
import { sectionOf } from './image.js';
import { normalisedName } from './names.js';
import type { LabelTable } from './places.js';
import { namedSymbol, type TargetResolver } from './targets.js';

/** Further ahead of an object no index starts: one element of a large structure. */
const longestBias: Bytes = 256;

/**
 * Whether two data addresses that resolve differently still mean the same: a
 * compiler writes `array + size` for a loop's end and `array - 8` for an index
 * that starts at one. Against the section's symbol, and with nothing but the
 * address to go by, such a place seems to belong to the neighbour. It is taken
 * for the array's when it is equally far from the same object on both sides, and
 * - in no object at all (padding), or
 * - the same code or data refers to that object itself as well, or
 * - a label of the same name without a size is there (an empty `__key`).
 * @param refersA whether the row in which the field is refers to a subject elsewhere; likewise B
 */
export function meetsNeighbour(
  a: TargetResolver,
  fieldA: IndexIntoFieldTable,
  refersA: (subject: number) => boolean,
  b: TargetResolver,
  fieldB: IndexIntoFieldTable,
  refersB: (subject: number) => boolean,
): boolean {
  const [one, two] = [surroundings(a, fieldA), surroundings(b, fieldB)];
  if (!one || !two) return false;
  const isReferred = (subject: number): boolean => refersA(subject) && refersB(subject);
  if (one.ended >= 0 && one.ended === two.ended) {
    if (!one.isInObject && !two.isInObject) return true;
    if (one.label !== undefined && one.label === two.label) return true;
    if (isReferred(one.ended)) return true;
  }
  return (
    one.ahead >= 0 &&
    one.ahead === two.ahead &&
    one.distance === two.distance &&
    one.distance <= longestBias &&
    isReferred(one.ahead)
  );
}

interface Surroundings {
  /** Whether the address is that of an object's byte. */
  isInObject: boolean;
  /** Name of a label without a size at the address, as names are matched. */
  label: string | undefined;
  /** Subject that ends right there, or -1. */
  ended: number;
  /** Subject that begins next behind the address, or -1, and how far away. */
  ahead: number;
  distance: Bytes;
}

/** Undefined for addresses in code, and those that a relocation names. */
function surroundings(
  { side, subjectOf }: TargetResolver,
  field: IndexIntoFieldTable,
): Surroundings | undefined {
  const { image, places, fields } = side;
  if (namedSymbol(side, fields.symbol[field]!) !== undefined) return undefined;
  const address = fields.target[field]!;
  const section = image.sections[sectionOf(image, address)];
  if (!section || section.executable) return undefined;
  const { table } = places;
  const row = lastNotAbove(table.start, table.length, address);
  const starts = row >= 0 && table.start[row] === address;
  const before = starts ? row - 1 : row;
  const behind = row + 1;
  const endOf = (i: number): SignedAddress =>
    i < 0 ? -Infinity : table.start[i]! + table.size[i]!;
  return {
    isInObject: address < endOf(row),
    label: labelAt(places.labels, address),
    ended: endOf(before) === address ? subjectOf(before) : -1,
    ahead: behind < table.length ? subjectOf(behind) : -1,
    distance: behind < table.length ? table.start[behind]! - address : Infinity,
  };
}

function labelAt(labels: LabelTable, address: SignedAddress): string | undefined {
  const label = lastNotAbove(labels.start, labels.length, address);
  return labels.start[label] === address ? normalisedName(labels.name[label]!) : undefined;
}
