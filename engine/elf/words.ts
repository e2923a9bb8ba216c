/**
 * A table's bytes as 32-bit words, for columns that are gathered word by word:
 * that keeps 64-bit values exact without making a BigInt a row. Bytes that do
 * not start on a word are copied. The host is little-endian, as is every
 * machine that Node and Electron run on here.
 */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  // Not `bytes.slice()`: of a Buffer that is a view, as misaligned as before.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
}
