import type { PatchFamily } from '../types.js';
import { ftrace } from './ftrace.js';
import { runtimeConstant } from './runtime-constant.js';
import { staticCall } from './static-call.js';
import { staticKey } from './static-key.js';

/**
 * Every family that is known, in the order in which the kernel applies them at boot; keys and calls
 * last, which it goes on changing.
 */
export const families: readonly PatchFamily[] = [ftrace, runtimeConstant, staticCall, staticKey];
