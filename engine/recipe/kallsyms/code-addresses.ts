import { bitModel, numberModel, type Model, type RangeCoder } from '../range-coder.js';

/** Base address to flavour address, low 32 bits of virtual addresses. */
export type MapAddress = (address: number) => number;

/** Functions are aligned to 16 bytes. */
const mostAlignment = 4;
/** Corrections from here on are coded as whole addresses. */
const far = 0x10000000;

const corrections = {
  /** A multiple of the alignment that the symbol has in the base. */
  aligned: 0,
  any: 1,
  /** Not a correction, but the address. */
  address: 2,
} as const;

interface AddressModels {
  /** By whether both predictions agree, whether the last two were right, and whether the base's order is kept. */
  expected: Model;
  mapped: Model;
  /** By alignment. */
  correction: Model;
  distance: Model;
}

const addressModels = (): AddressModels => ({
  expected: bitModel(2 * 4 * 2),
  mapped: bitModel(),
  correction: bitModel((mostAlignment + 1) * 4),
  distance: numberModel(2),
});

export interface AddressSources {
  /** For each symbol its index in the base, or a number from baseAddresses.length on. */
  source: ArrayLike<number>;
  baseAddresses: Uint32Array;
  /** Null while no map is known. */
  mapAddress: MapAddress | null;
}

/**
 * Codes addresses of symbols in table order; fills `addresses` when reading.
 * Two things predict an address: the symbol before it is as long as in the
 * base, or the map of addresses is right about it.
 */
export function codeAddresses(
  coder: RangeCoder,
  { source, baseAddresses, mapAddress }: AddressSources,
  addresses: Uint32Array,
): void {
  const models = addressModels();
  const baseCount = baseAddresses.length;
  let history = 0;
  let previous = 0;
  // As if a symbol of size 0 at address 0 preceded both tables.
  let previousSource = baseCount;
  let size = baseAddresses[0] ?? 0;
  for (let i = 0; i < addresses.length; i++) {
    const index = source[i]!;
    const copied = index < baseCount;
    const base = copied ? baseAddresses[index]! : 0;
    const alignment = alignmentOf(base);
    const unit = 1 << alignment;
    const expected = (previous + size + unit - 1) & -unit;
    const mapped = copied && mapAddress !== null ? mapAddress(base) | 0 : expected;
    const address = addresses[i]! | 0;

    const context =
      (mapped === expected ? 1 : 0) | (history << 1) | (index === previousSource + 1 ? 8 : 0);
    const isWrong = coder.bit(models.expected, context, address === expected ? 0 : 1);
    history = ((history << 1) | isWrong) & 3;
    let decoded = expected;
    if (isWrong) {
      const isMapped =
        mapped !== expected && coder.bit(models.mapped, 0, address === mapped ? 0 : 1) === 0;
      decoded = isMapped ? mapped : codeCorrection(coder, models, alignment, expected, address);
    }
    addresses[i] = decoded;
    previous = decoded;
    previousSource = index;
    size = index + 1 < baseCount ? baseAddresses[index + 1]! - base : 0;
  }
}

/** Trailing zeros of an address; as for a function if there is none. */
function alignmentOf(address: number): number {
  return address === 0
    ? mostAlignment
    : Math.min(mostAlignment, 31 - Math.clz32(address & -address));
}

function codeCorrection(
  coder: RangeCoder,
  models: AddressModels,
  alignment: number,
  expected: number,
  address: number,
): number {
  const distance = (address - expected) | 0;
  const kind = coder.tree(models.correction, 4 * alignment, 2, kindOf(distance, alignment)) & 3;
  if (kind === corrections.aligned) {
    return (expected + (coder.signed(models.distance, 0, distance >> alignment) << alignment)) | 0;
  }
  if (kind === corrections.any) {
    return (expected + coder.signed(models.distance, 1, distance)) | 0;
  }
  return (coder.direct(16, address >>> 16) << 16) | coder.direct(16, address & 0xffff);
}

function kindOf(distance: number, alignment: number): number {
  if (Math.abs(distance) >= far) return corrections.address;
  return (distance & ((1 << alignment) - 1)) === 0 ? corrections.aligned : corrections.any;
}
