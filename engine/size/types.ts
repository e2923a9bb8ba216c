/** What a size is made of, as it leaves the engine. */

/** What a section holds, and so what its bytes cost: `bss` is memory, but no bytes of the file. */
export const sizeClasses = ['code', 'rodata', 'data', 'bss'] as const;
export type SizeClass = (typeof sizeClasses)[number];

/**
 * What a run of bytes is. `unnamed` has contents but no symbol: tables that the linker gathers,
 * strings, assembly without sizes. `padding` is what linker and compiler align with.
 */
export const leafKinds = ['function', 'object', 'unnamed', 'padding'] as const;
export type LeafKind = (typeof leafKinds)[number];

/**
 * How bytes were told to belong to an object file: by the linker's own map of where it put
 * what; by file symbols (STT_FILE), with folders where a list of the objects is at hand; or not at all.
 */
export const attributions = ['link-map', 'file-symbols', 'nothing'] as const;
export type Attribution = (typeof attributions)[number];

/** Where the names of functions come from. */
export type NamesFrom = 'symbols' | 'kallsyms' | 'nothing';

/** What rows of a report are. */
export const sizeGroupings = ['subsystem', 'object', 'function', 'section'] as const;
export type SizeGrouping = (typeof sizeGroupings)[number];
