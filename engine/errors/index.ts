/** The whole catalogue. Rooms import their own file; reports and docs import this one. */
export * from './lab-error.js';
export { commonErrors } from './common.js';
export { buildErrors } from './build.js';
export { elfErrors } from './elf.js';
export { databaseErrors } from './database.js';
export { workspaceErrors } from './workspace.js';
export { reportErrors } from './report.js';
export { measureErrors } from './measure.js';
export { nativeErrors } from './native.js';
export { guestErrors } from './guest.js';
export { bzimageErrors } from './bzimage.js';
export { compareErrors } from './compare.js';
export { mergeErrors } from './merge.js';
export { bootErrors } from './boot.js';
export { cliErrors } from './cli.js';
export { imagesErrors } from './images.js';
