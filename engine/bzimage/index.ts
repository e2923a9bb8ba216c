/** Reading, describing and rewriting bzImages. See README.md. */
export * from './bzimage.js';
export * from './fields.js';
export {
  defaultPayloadLimit,
  detectCodec,
  unpackPayload,
  type UnpackedPayload,
} from './payload.js';
export type { CodecName } from './codecs/codec.js';
export { extractVmlinux, readVmlinux, type Vmlinux } from './vmlinux.js';
export { readPe, type PeHeader } from './pe.js';
export * from './write.js';
export { replacePayload } from './replace-payload.js';
export {
  decodeDirectory,
  directoryOffset,
  encodeDirectory,
  isFlavourName,
  isSignature,
  mostFlavours,
  mostRules,
  readDirectory,
  type Carrier,
  type Directory,
  type Flavour,
  type SelectionRule,
} from './directory.js';
export {
  checksumText,
  describeDirectory,
  type FlavourDescription,
  type MultiImageDescription,
} from './describe-directory.js';
export { judgedEnvironments, type BootVerdict, type JudgedEnvironment } from './boots-as.js';
export type { KernelDescription } from './kernel.js';
export * from './describe.js';
