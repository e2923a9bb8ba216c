import type { Bytes } from '../units.js';

/**
 * What the readers refuse to believe. After XSA-55 Xen put the same kind of
 * bounds on its own ELF loader (xen/common/libelf): loops bounded by the file,
 * strings and notes bounded by constants. Every count in a header is checked
 * against the file's size before anything is allocated for it.
 */

/** Longest name or string that is read (libelf: ELF_MAX_STRING_LENGTH). */
export const maximumString: Bytes = 4096;

/** Most notes that are looked at in one file (libelf: ELF_MAX_TOTAL_NOTE_COUNT). */
export const maximumNotes = 65_536;

/** Most section headers and program headers; vmlinux.o with a section a function has some 100 000. */
export const maximumHeaders = 262_144;

/** Most bytes that are read in one piece; no table of a kernel comes near it. */
export const maximumRead: Bytes = 512 * 1024 * 1024;
