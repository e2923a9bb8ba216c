/** What a booted kernel has made of itself: its memory, and who changed what of it. */
export * from './types.js';
export { observe, observeRequest } from './observe.js';
export { imageRange, kernelMemory } from './memory.js';
export type { PhysicalAddress } from './anchor.js';
