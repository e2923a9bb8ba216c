import type { SignedAddress } from '../../kernel/address.js';
import { withDecoder } from '../../kernel/iced.js';
import type { Bytes } from '../../units.js';
import { callOpcode, jumpOpcode, shortJumpOpcode, viewOf } from '../families/instructions.js';
import { opcodeOffset, type Nops } from '../nops.js';

const int3 = 0xcc;

/**
 * Fits a replacement to the site, instruction by instruction, as apply_relocation() does since Linux
 * 6.4: distances of branches and of operands are counted from the new place, unless they lead to
 * somewhere within the replacement; a jump that reaches with two bytes becomes one of two.
 */
export function moveCode(
  code: Uint8Array,
  from: SignedAddress,
  to: SignedAddress,
  _nops: Nops,
  replacementSize: Bytes,
): void {
  const shift = from - to;
  const view = viewOf(code);
  withDecoder(code, 64, ({ decoder, instruction }) => {
    while (decoder.canDecode) {
      const at = decoder.position;
      decoder.decodeOut(instruction);
      if (instruction.isInvalid) return;
      const next = at + instruction.length;
      const leavesReplacement = (distance: number): boolean =>
        next + distance < 0 || next + distance > replacementSize;

      const branch = branchAt(code, at);
      if (branch !== undefined) {
        const field = next - branch.size;
        const distance = branch.size === 1 ? view.getInt8(field) : view.getInt32(field, true);
        if (leavesReplacement(distance)) {
          if (branch.size === 1) view.setInt8(field, distance + shift);
          else view.setInt32(field, distance + shift, true);
        }
        if (branch.opcode === jumpOpcode) shorten(code, at, next, distance + shift + 3);
      } else if (instruction.isIpRelMemoryOperand) {
        const offsets = decoder.getConstantOffsets(instruction);
        const field = at + offsets.displacementOffset;
        offsets.free();
        const distance = view.getInt32(field, true);
        if (leavesReplacement(distance)) view.setInt32(field, distance + shift, true);
      }
    }
  });
}

/** The opcode of a relative branch, and the bytes of its distance, which end it. */
function branchAt(code: Uint8Array, at: Bytes): { opcode: number; size: 1 | 4 } | undefined {
  const start = at + opcodeOffset(code.subarray(at));
  const opcode = code[start] ?? 0;
  if (opcode === callOpcode || opcode === jumpOpcode) return { opcode, size: 4 };
  if (opcode === shortJumpOpcode || (opcode & 0xf0) === 0x70) return { opcode, size: 1 };
  if (opcode === 0x0f && ((code[start + 1] ?? 0) & 0xf0) === 0x80) return { opcode, size: 4 };
  return undefined;
}

/** `jmp rel32` to `jmp rel8`, filled up with INT3, where the distance fits. */
function shorten(code: Uint8Array, at: Bytes, next: Bytes, distance: number): void {
  if (distance < -128 || distance > 127) return;
  code.set([shortJumpOpcode, distance & 0xff], at);
  code.fill(int3, at + 2, next);
}
