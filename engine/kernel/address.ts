import type { VirtualAddress } from '../units.js';

/**
 * A virtual address read as a signed 64-bit number, as a double: the upper half
 * where a kernel lives (0xffffffff81000000) becomes a small negative number
 * (-0x7f000000), which a double holds exactly. Typed arrays of these compare
 * and subtract many times faster than BigInts. Addresses further than 2^53 from
 * zero are rounded; sections there are refused (kernel-far-address).
 */
export type SignedAddress = number;

export function signedAddress(address: VirtualAddress): SignedAddress {
  return Number(BigInt.asIntN(64, address));
}

/** The same for a column of addresses. */
export function signedAddresses(addresses: BigUint64Array): Float64Array<ArrayBuffer> {
  const words = new DataView(addresses.buffer, addresses.byteOffset, addresses.byteLength);
  const signed = new Float64Array(addresses.length);
  for (let i = 0; i < signed.length; i++) {
    signed[i] = words.getInt32(8 * i + 4, true) * 2 ** 32 + words.getUint32(8 * i, true);
  }
  return signed;
}

/** `ffffffff81000000`: as objdump and nm print it. */
export function addressText(address: SignedAddress): string {
  return BigInt.asUintN(64, BigInt(address)).toString(16).padStart(16, '0');
}

/**
 * Index of the last of `length` ascending entries that is not above the value,
 * or -1.
 */
export function lastNotAbove(
  ascending: { readonly [index: number]: number },
  length: number,
  value: number,
): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
