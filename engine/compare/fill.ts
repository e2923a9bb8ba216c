import type { Bytes } from '../units.js';
import type { LoadedSection } from '../kernel/sections.js';

/** What linkers and assemblers put between functions and objects. */

/** How many zeros there are at an offset. */
export function zerosFrom({ bytes }: LoadedSection, from: Bytes, end: Bytes): Bytes {
  let at = from;
  while (at < end && bytes[at] === 0) at++;
  return at - from;
}

/** Zeros; in code also one-byte nops, int3 and the long nops that fill space between functions. */
export function isFill({ bytes, executable }: LoadedSection, from: Bytes, end: Bytes): boolean {
  for (let at = from; at < end;) {
    const size = executable ? fillSize(bytes, at, end) : bytes[at] === 0 ? 1 : 0;
    if (size === 0) return false;
    at += size;
  }
  return true;
}

/** `nop`, `int3`, `nopw 0x0(%rax,%rax,1)` with any prefixes (Intel SDM, NOP), zero; 0 for anything else. */
function fillSize(bytes: Uint8Array, from: Bytes, end: Bytes): Bytes {
  let at = from;
  while (at < end && (bytes[at] === 0x66 || bytes[at] === 0x2e)) at++;
  if (at < end && (bytes[at] === 0x90 || bytes[at] === 0xcc || bytes[at] === 0))
    return at + 1 - from;
  if (bytes[at] !== 0x0f || bytes[at + 1] !== 0x1f) return 0;
  const size = { 0x00: 3, 0x40: 4, 0x44: 5, 0x80: 7, 0x84: 8 }[bytes[at + 2] ?? 0xff];
  return size !== undefined && at + size <= end ? at + size - from : 0;
}
