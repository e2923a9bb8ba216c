import { get32, type KallsymsTables } from './tables.js';

/**
 * `kallsyms_offsets` and addresses, as kallsyms_sym_address() in
 * kernel/kallsyms.c has them: an offset counts from the relative base, unless
 * CONFIG_KALLSYMS_ABSOLUTE_PERCPU is set; then it counts so as -1 - offset when
 * it is negative, and is the address of a per-CPU symbol when it is not. Those
 * lie below the relative base.
 *
 * Addresses are the low 32 bits of virtual addresses.
 */
export function offsetOf(address: number, relativeBase: number, absolutePercpu: boolean): number {
  if (!absolutePercpu) return (address - relativeBase) >>> 0;
  return address < relativeBase ? address : (relativeBase - address - 1) >>> 0;
}

export function addressOf(offset: number, relativeBase: number, absolutePercpu: boolean): number {
  if (!absolutePercpu) return (relativeBase + offset) >>> 0;
  return offset < 0x80000000 ? offset : (relativeBase - offset - 1) >>> 0;
}

export function readAddresses(
  bytes: Uint8Array,
  { layout, places, count }: KallsymsTables,
): Uint32Array {
  const relativeBase = get32(bytes, places.relativeBase);
  const addresses = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    addresses[i] = addressOf(
      get32(bytes, places.offsets + 4 * i),
      relativeBase,
      layout.absolutePercpu,
    );
  }
  return addresses;
}
