/**
 * The checksum of the multi-image: two running sums, of little-endian 64-bit
 * words and of the sums so far (J. G. Fletcher, 1982; in 64 bits as ZFS has
 * them), one turned by half and put over the other. The last word is filled up
 * with zeros; there is one even when the size is a multiple of 8. It costs two
 * instructions for eight bytes at boot, and finds damage, not forgery.
 * engine/native/multi/checksum.c is its twin.
 * @returns an unsigned 64-bit number
 */
export function fletcher64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length & ~7;
  // Halves, since BigInt would take twenty times as long.
  let low = 0;
  let high = 0;
  let lows = 0;
  let highs = 0;
  const add = (wordLow: number, wordHigh: number): void => {
    low += wordLow;
    high = (high + wordHigh + (low > 0xffffffff ? 1 : 0)) >>> 0;
    low >>>= 0;
    lows += low;
    highs = (highs + high + (lows > 0xffffffff ? 1 : 0)) >>> 0;
    lows >>>= 0;
  };
  for (let at = 0; at < whole; at += 8) {
    add(view.getUint32(at, true), view.getUint32(at + 4, true));
  }
  const last = new Uint8Array(8);
  last.set(bytes.subarray(whole));
  const lastView = new DataView(last.buffer);
  add(lastView.getUint32(0, true), lastView.getUint32(4, true));
  return (BigInt((high ^ lows) >>> 0) << 32n) | BigInt((low ^ highs) >>> 0);
}
