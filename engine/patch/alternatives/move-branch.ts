import type { SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import {
  callOpcode,
  jumpOpcode,
  nearBranch,
  shortJump,
  shortJumpOpcode,
  viewOf,
} from '../families/instructions.js';
import type { Nops } from '../nops.js';

/** `call rel32` and `jmp rel32`. */
const branchSize: Bytes = 5;

/**
 * Fits a replacement of one call or jump to the site, as apply_alternatives() and recompute_jump()
 * do until Linux 6.3. A jump forwards by less than 128 bytes becomes one of two bytes; one backwards
 * never does, since the kernel's test for that compares a negative distance with its low byte.
 * Replacements of other sizes are left as they are: the kernel counts on their having no distances.
 */
export function moveBranch(
  code: Uint8Array,
  from: SignedAddress,
  to: SignedAddress,
  nops: Nops,
  replacementSize: Bytes,
): void {
  if (replacementSize !== branchSize) return;
  const opcode = code[0];
  const isJump = opcode === jumpOpcode || opcode === shortJumpOpcode;
  if (!isJump && opcode !== callOpcode) return;
  const target = from + branchSize + viewOf(code).getInt32(1, true);
  if (!isJump) {
    code.set(nearBranch(callOpcode, to, target));
    return;
  }
  const distance = target - to - 2;
  if (target >= to && distance <= 127) {
    code.set(shortJump(to, target));
    code.set(nops[3]!, 2);
  } else {
    code.set(nearBranch(jumpOpcode, to, target));
  }
}
