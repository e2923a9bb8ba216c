import { signedAddress, type SignedAddress } from '../../kernel/address.js';
import { addressOfName } from '../../kernel/names.js';
import type { PatchKernel } from '../kernel.js';
import type { Target } from '../types.js';
import { readCapabilities } from '../target/capabilities.js';
import { viewOf } from './instructions.js';

/** X86_FEATURE_RETHUNK of asm/cpufeatures.h, where it has been since it came (5.19, and 6.1's updates). */
const returnThunkFeature = 11 * 32 + 14;

/** Where a `ret` at an address jumps instead, or null where it stays one. */
export type ReturnJump = (address: SignedAddress) => SignedAddress | null;

/**
 * What becomes of returns on this target: cpu_wants_rethunk_at() and `x86_return_thunk` of
 * arch/x86/kernel/alternative.c. A kernel without CONFIG_RETHUNK has a variable of that name too,
 * and never the feature.
 * @throws patch-capabilities, patch-memory-missing
 */
export function returnJump(kernel: PatchKernel, target: Target): ReturnJump {
  // Read once, and not at all where no return becomes another.
  let known: ReturnJump | undefined;
  return (address) => (known ??= readReturnJump(kernel, target))(address);
}

function readReturnJump(kernel: PatchKernel, target: Target): ReturnJump {
  const { names } = kernel;
  const variable = addressOfName(names, 'x86_return_thunk');
  if (variable === undefined) return () => null;
  if (!readCapabilities(kernel, target).has(returnThunkFeature)) return () => null;
  const bytes = target.memory.read(variable, 8, 'x86_return_thunk');
  const thunk = signedAddress(viewOf(bytes).getBigUint64(0, true));
  if (thunk !== addressOfName(names, 'its_return_thunk')) return () => thunk;
  // A return in the upper half of a cache line needs no ITS thunk.
  return (address) => ((address & 0x20) !== 0 ? null : thunk);
}
