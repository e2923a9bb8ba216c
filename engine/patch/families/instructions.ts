import type { SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';

/** x86_nops[2] and [5] of arch/x86/kernel/alternative.c, and objtool's of the same sizes. */
export const nop2 = Uint8Array.of(0x66, 0x90);
export const nop5 = Uint8Array.of(0x0f, 0x1f, 0x44, 0x00, 0x00);

export const callOpcode = 0xe8;
export const jumpOpcode = 0xe9;
export const shortJumpOpcode = 0xeb;
export const returnOpcode = 0xc3;

/** `call` or `jmp` with a 32-bit distance, as text_gen_insn() of the kernel makes them. */
export function nearBranch(
  opcode: typeof callOpcode | typeof jumpOpcode,
  from: SignedAddress,
  to: SignedAddress,
): Uint8Array {
  const bytes = Uint8Array.of(opcode, 0, 0, 0, 0);
  viewOf(bytes).setInt32(1, to - from - 5, true);
  return bytes;
}

/** Where the 32-bit distance at the end of an instruction leads. */
export function nearTarget(from: SignedAddress, bytes: Uint8Array): SignedAddress {
  return from + bytes.length + viewOf(bytes).getInt32(bytes.length - 4, true);
}

/** `jmp` with an 8-bit distance, which the caller knows to be in reach. */
export function shortJump(from: SignedAddress, to: SignedAddress): Uint8Array {
  return Uint8Array.of(shortJumpOpcode, (to - from - 2) & 0xff);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** `0f 8x`: a conditional jump with a 32-bit distance. */
export function isConditionalJump(bytes: Uint8Array): boolean {
  return bytes[0] === 0x0f && ((bytes[1] ?? 0) & 0xf0) === 0x80;
}

export function viewOf(bytes: Uint8Array, at: Bytes = 0): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
}
