import type { PatchFamily } from '../types.js';

/** Every family that is known, in the order in which the kernel applies them at boot. */
export const families: readonly PatchFamily[] = [];
