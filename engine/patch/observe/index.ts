/** What a booted kernel has made of itself: its memory, and who changed what of it. */
export * from './types.js';
export { findObservation, observe, observeRequest } from './observe.js';
export { imageRange, kernelMemory } from './memory.js';
export type { PhysicalAddress } from './anchor.js';
export { attribute, type Attribution, type UnexplainedChange } from './attribute.js';
export type { ConstantOwner } from './constants.js';
export type { FamilySites } from './site-index.js';
export { readableTables, type ReadableTables } from './tables.js';
export { directWrites, type DirectWrite } from './direct-writes.js';
export { digestOf, forgetObservations } from './keep.js';
