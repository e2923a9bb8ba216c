/**
 * Bytes that compress badly and are the same every time, for an initramfs that
 * must arrive unharmed; and their FNV-1a hash of 64 bits, as the init `hash`
 * (tiny-guest.ts) prints it.
 */
export function randomData(size: number): { data: Buffer; hash: string } {
  const data = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data.writeUInt32LE(state, at);
  }
  return { data, hash: fnv1a(data) };
}

/** Times 0x100000001b3, in two halves of 32 bits. */
function fnv1a(data: Uint8Array): string {
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (const byte of data) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
}
