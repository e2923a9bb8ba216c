import { elfErrors } from '../errors/elf.js';
import type { FileOffset } from '../units.js';
import { PT_NOTE, SHT_NOTE } from './constants.js';
import { sectionBytes, segmentBytes, type ElfFile } from './file.js';
import { viewOf } from './header.js';
import { maximumNotes, maximumString } from './limits.js';

/** An ELF note: owner and type say what the description means. */
export interface ElfNote {
  /** `GNU`, `Xen`, `Linux`, ... */
  owner: string;
  type: number;
  description: Uint8Array;
  /** Where the note begins in the file. */
  offset: FileOffset;
}

/**
 * All notes, from the PT_NOTE segments, or where there are none (object files)
 * from the SHT_NOTE sections: the order in which Xen looks for them
 * (xen/common/libelf/libelf-dominfo.c).
 * @throws elf-malformed, elf-out-of-file, elf-limit
 */
export function readNotes(elf: ElfFile): ElfNote[] {
  const notes: ElfNote[] = [];
  for (const segment of elf.segments) {
    if (segment.type !== PT_NOTE) continue;
    parseNotes(segmentBytes(elf, segment), segment.offset, segment.align, notes);
  }
  if (notes.length > 0) return notes;
  for (const section of elf.sections) {
    if (section.type !== SHT_NOTE) continue;
    parseNotes(sectionBytes(elf, section), section.offset, section.align, notes);
  }
  return notes;
}

/**
 * Notes of one piece of the file. Name and description are padded to 4 bytes,
 * or to 8 where the segment is aligned to 8 (gABI, `.note.gnu.property`).
 */
function parseNotes(bytes: Uint8Array, base: FileOffset, align: number, into: ElfNote[]): void {
  const unit = align === 8 ? 8 : 4;
  const pad = (n: number): number => Math.ceil(n / unit) * unit;
  const view = viewOf(bytes);
  let at = 0;
  while (at + 12 <= bytes.length) {
    const place = { offset: base + at };
    if (into.length >= maximumNotes) {
      throw elfErrors.limit({ what: 'the number of notes', limit: maximumNotes, place });
    }
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const description = pad(at + 12 + nameSize);
    const end = description + size;
    if (end > bytes.length) {
      throw elfErrors.malformed({ what: 'a note reaches beyond its segment', place });
    }
    if (nameSize > maximumString) {
      throw elfErrors.limit({ what: "a note's name", limit: maximumString, place });
    }
    into.push({
      owner: cString(bytes.subarray(at + 12, at + 12 + nameSize)),
      type: view.getUint32(at + 8, true),
      description: bytes.subarray(description, end),
      offset: base + at,
    });
    at = pad(end);
  }
}

/** The bytes up to the first NUL, as text. Never longer than `maximumString`. */
export function cString(bytes: Uint8Array): string {
  const text = bytes.subarray(0, maximumString);
  const nul = text.indexOf(0);
  return Buffer.from(nul < 0 ? text : text.subarray(0, nul)).toString('utf8');
}

const NT_GNU_BUILD_ID = 3;

/** The linker's build id as hexadecimal digits, or undefined. */
export function buildId(notes: readonly ElfNote[]): string | undefined {
  const note = notes.find((n) => n.owner === 'GNU' && n.type === NT_GNU_BUILD_ID);
  // 64 bytes are more than any hash the linker knows.
  return note && Buffer.from(note.description.subarray(0, 64)).toString('hex');
}
