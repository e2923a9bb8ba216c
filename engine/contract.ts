/**
 * Every document that leaves the engine: what `kbl VERB --json` prints (the
 * comparison is in report/schema.ts). Each carries its name and a version;
 * within a version fields are added, never renamed or removed. The schemas in
 * docs/schema/ are generated from here.
 */
export { errorDocument } from './contract/documents/error.js';
export {
  type DoctorCheck,
  type DoctorReport,
  doctorDocument,
} from './contract/documents/doctor.js';
export {
  imagesDocument,
  importDocument,
  inspectDocument,
  buildDocument,
} from './contract/documents/images.js';
export { mergeDocument, extractDocument } from './contract/documents/merge.js';
export { patchDocument, constantsDocument } from './contract/documents/patch.js';
export { observeDocument } from './contract/documents/observe.js';
export { sitesDocument } from './contract/documents/sites.js';
export { bootDocument, commandsDocument } from './contract/documents/boot.js';
export { experimentsDocument, exportDocument } from './contract/documents/experiments.js';
export { diffDocument } from './contract/documents/diff.js';
export { sizeDocument } from './contract/documents/size.js';
export { completionDocument } from './contract/documents/completion.js';
