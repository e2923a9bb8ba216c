import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import {
  buildId,
  memorySource,
  readElf,
  readNotes,
  xenFeatureNames,
  xenNote,
  xenNotes,
} from '../../../engine/elf/index.js';
import {
  ByteWriter,
  buildElf,
  linuxXenNotes,
  noteData,
  uint64,
  type BuildNote,
} from '../../support/elf-builder.js';

function elfWithNotes(data: Uint8Array, align = 4, segment = true) {
  const sections = [{ name: '.notes', type: 7, data, align }];
  const segments = segment ? [{ type: 4, section: '.notes', align }] : [];
  return readElf(memorySource(buildElf({ sections, segments })));
}
const notesOf = (notes: BuildNote[]) => readNotes(elfWithNotes(noteData(notes)));

describe('readNotes', () => {
  const gnu = { owner: 'GNU', type: 3, description: Buffer.from('f8dce97cdbae', 'hex') };

  it('reads notes of PT_NOTE segments, and of SHT_NOTE sections without them', () => {
    for (const segment of [true, false]) {
      const notes = readNotes(elfWithNotes(noteData([gnu, ...linuxXenNotes()]), 4, segment));
      expect(notes).toHaveLength(11);
      expect(buildId(notes)).toBe('f8dce97cdbae');
    }
  });

  it('pads to 8 bytes where the segment is aligned to 8', () => {
    const data = new ByteWriter();
    for (const type of [5, 6]) {
      data.uint(4, 4).uint(12, 4).uint(type, 4).raw(Buffer.from('GNU\0'));
      data.align(8).raw(new Uint8Array(12)).align(8);
    }
    expect(readNotes(elfWithNotes(data.done(), 8)).map((n) => n.type)).toEqual([5, 6]);
  });

  it('refuses notes that reach beyond their segment, and more than 65 536', () => {
    const lie = new ByteWriter().uint(4, 4).uint(0xffffffff, 4).uint(1, 4).uint(0, 4).done();
    expect(() => readNotes(elfWithNotes(lie))).toThrow(labError('elf-malformed'));
    const many = new Uint8Array(12 * 65_537);
    expect(() => readNotes(elfWithNotes(many))).toThrow(labError('elf-limit'));
  });
});

describe('xenNotes', () => {
  it('decodes strings, numbers of 4 and 8 bytes, and pairs', () => {
    const notes = xenNotes(notesOf(linuxXenNotes()));
    expect(xenNote(notes, 'GUEST_OS')).toBe('linux');
    expect(xenNote(notes, 'ENTRY')).toBe(0xffffffff81c75160n);
    expect(xenNote(notes, 'SUPPORTED_FEATURES')).toBe(0x8801n);
    expect(xenNote(notes, 'L1_MFN_VALID')).toEqual([1n, 1n]);
    expect(xenNote(notes, 'PHYS32_ENTRY')).toBe(0x1000680n);
    expect(xenNote(notes, 'HYPERCALL_PAGE')).toBeUndefined();
  });

  it('takes the last of several, as Xen does, and leaves other owners out', () => {
    const entry = (value: bigint) => ({ owner: 'Xen', type: 1, description: uint64(value) });
    const other = { owner: 'Linux', type: 1, description: uint64(3n) };
    expect(xenNote(xenNotes(notesOf([entry(1n), entry(2n), other])), 'ENTRY')).toBe(2n);
  });

  it('keeps notes it does not know, and gives null for a wrong width', () => {
    const strange = { owner: 'Xen', type: 99, description: uint64(1n) };
    const short = { owner: 'Xen', type: 1, description: Buffer.from([1, 2]) };
    expect(xenNotes(notesOf([strange, short]))).toEqual([
      { name: 'type 99', value: null },
      { name: 'ENTRY', value: null },
    ]);
  });

  it('names features', () => {
    expect(xenFeatureNames(0x8801n)).toEqual([
      'writable_page_tables',
      'dom0',
      'linux_rsdp_unrestricted',
    ]);
    expect(xenFeatureNames(1n << 40n)).toEqual(['bit 40']);
  });
});
