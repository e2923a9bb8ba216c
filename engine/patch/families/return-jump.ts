import { signedAddress, type SignedAddress } from '../../kernel/address.js';
import { addressOfName } from '../../kernel/names.js';
import type { PatchKernel } from '../kernel.js';
import type { Target } from '../types.js';
import { viewOf } from './instructions.js';

/**
 * Where a `ret` at an address jumps instead on this target, or null where it stays one:
 * cpu_wants_rethunk_at() and `x86_return_thunk` of arch/x86/kernel/alternative.c.
 */
export function returnJump(
  { names }: PatchKernel,
  { memory }: Target,
  address: SignedAddress,
): SignedAddress | null {
  const variable = addressOfName(names, 'x86_return_thunk');
  if (variable === undefined) return null;
  const bytes = memory.read(variable, 8, 'x86_return_thunk');
  const thunk = signedAddress(viewOf(bytes).getBigUint64(0, true));
  if (thunk === addressOfName(names, '__x86_return_thunk')) return null;
  // A return in the upper half of a cache line needs no ITS thunk.
  const isSafe = (address & 0x20) !== 0;
  return thunk === addressOfName(names, 'its_return_thunk') && isSafe ? null : thunk;
}
