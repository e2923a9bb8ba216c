/** The multi-image: one bzImage, several kernels. See README.md. */
export { mergeKernels, type MergeChoices, type MergedImage, type MergeInput } from './merge.js';
export { extractFlavour, type ExtractedFlavour } from './extract.js';
export { describeFlavours, type RebuiltImageDescription } from './describe.js';
