import type { PatchFamily } from '../types.js';
import { alternative } from './alternative.js';
import { callThunk } from './call-thunk.js';
import { endbr } from './endbr.js';
import { ftrace } from './ftrace.js';
import { paravirt } from './paravirt.js';
import { retpoline } from './retpoline.js';
import { returns } from './return.js';
import { runtimeConstant } from './runtime-constant.js';
import { smpLock } from './smp-lock.js';
import { staticCall } from './static-call.js';
import { staticKey } from './static-key.js';

/**
 * Every family that is known, in the order in which the kernel applies them at boot: what start_kernel()
 * does first, then alternative_instructions(), and keys and calls last, which it goes on changing.
 */
export const families: readonly PatchFamily[] = [
  ...[ftrace, runtimeConstant],
  ...[paravirt, retpoline, returns, alternative, callThunk, endbr, smpLock],
  ...[staticCall, staticKey],
];
