/** Reading ELF32 and ELF64, little-endian. See README.md. */
export * from './constants.js';
export * from './limits.js';
export { memorySource, openFileSource, type ByteSource, type FileSource } from './source.js';
export { isElf, type ElfHeader, type ElfWidth } from './header.js';
export * from './file.js';
export * from './symbols.js';
export * from './functions.js';
export * from './relocations.js';
export { buildId, readNotes, type ElfNote } from './notes.js';
export * from './xen-notes.js';
