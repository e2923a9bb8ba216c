/** The multi-image: one bzImage, several kernels. */
export {
  mergeTwoPayloads,
  verifyMultiImage,
  type MergedImage,
  type MergeInput,
  type VerifiedPart,
} from './two-payload.js';
