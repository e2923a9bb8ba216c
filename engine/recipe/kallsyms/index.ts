/**
 * The kallsyms stage of a recipe: a kernel's table of symbols is rebuilt from
 * another's. engine/native/multi/kallsyms.c is the decoder's twin, and
 * docs/multi-image.md has the stream.
 */
export { readKallsyms, type Kallsyms } from './read.js';
export { decodeKallsyms, encodeKallsyms } from './stage.js';
export type { MapAddress } from './code-addresses.js';
export { readKallsymsNames, type KallsymsNames } from './symbols.js';
