import type { DomainCounts } from '../../engine/measure/types.js';

/** Bytes of a counter file as the plugin writes it: a header, then a record a marker. */
export function counterFile(records: readonly ({ code: number } & DomainCounts)[]): Buffer {
  const bytes = Buffer.alloc(32 * (records.length + 1));
  bytes.write('KBLCOUNT', 'latin1');
  bytes.writeBigUInt64LE(1n, 8);
  bytes.writeBigUInt64LE(1n, 16);
  records.forEach(({ code, user, kernel, hypervisor }, i) => {
    [code, user, kernel, hypervisor].forEach((word, j) => {
      bytes.writeBigUInt64LE(BigInt(word), 32 * (i + 1) + 8 * j);
    });
  });
  return bytes;
}
