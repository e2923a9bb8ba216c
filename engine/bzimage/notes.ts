import { xenNotes, type ElfNote, type XenNote } from '../elf/index.js';
import { cString } from '../elf/notes.js';
import { hex } from '../errors/lab-error.js';

/** A note under its names in the headers of who defined it. */
export interface NoteDescription {
  owner: string;
  name: string;
  value: string;
}

/** Types of include/uapi/linux/elf.h and include/linux/{build-salt,elfnote-lto}.h. */
const names: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  GNU: { 1: 'NT_GNU_ABI_TAG', 3: 'NT_GNU_BUILD_ID', 5: 'NT_GNU_PROPERTY_TYPE_0' },
  Linux: { 0x100: 'LINUX_ELFNOTE_BUILD_SALT', 0x101: 'LINUX_ELFNOTE_LTO_INFO' },
};

/** Bytes of a note that are shown. */
const mostBytes = 64;

/** Every note, in the file's order. */
export function describeNotes(notes: readonly ElfNote[]): NoteDescription[] {
  return notes.map((note) => {
    const { owner, type } = note;
    const [xen] = xenNotes([note]);
    if (xen) return { owner, name: `XEN_ELFNOTE_${xen.name}`, value: noteText(xen.value) };
    return { owner, name: names[owner]?.[type] ?? `type ${hex(type)}`, value: plainText(note) };
  });
}

/** What a Xen note says, as text. */
export function noteText(value: XenNote['value']): string {
  if (value === null) return '?';
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(hex).join(' ') : hex(value);
}

function plainText({ owner, type, description }: ElfNote): string {
  if (owner === 'Linux' && type === 0x100) return cString(description);
  const shown = Buffer.from(description.subarray(0, mostBytes)).toString('hex');
  return description.length > mostBytes ? `${shown}… (${description.length} bytes)` : shown;
}
