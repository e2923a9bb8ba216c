import { describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import {
  elfEnd,
  findSection,
  memorySource,
  readElf,
  sectionBytes,
  sectionName,
  segmentBytes,
} from '../../../engine/elf/index.js';
import { buildElf } from '../../support/elf-builder.js';

const open = (bytes: Uint8Array) => readElf(memorySource(bytes));

describe.each([32, 64] as const)('an ELF%i file', (width) => {
  const data = Buffer.from('hello, section');
  const address = width === 64 ? 0xffffffff81000000n : 0xc1000000n;
  const request = {
    width,
    entry: 0x1000000n,
    sections: [
      { name: '.text', type: 1, data, flags: 6n, address, align: 16 },
      { name: '.bss', type: 8, size: 4096, flags: 3n },
    ],
    segments: [{ type: 1, section: '.text', virtualAddress: address, physicalAddress: 0x1000000n }],
  };

  it('has its header, sections and segments read', () => {
    const elf = open(buildElf(request));
    expect(elf.header).toMatchObject({ width, type: 2, entry: 0x1000000n });
    expect(elf.header.machine).toBe(width === 64 ? 62 : 3);
    expect(elf.sections.map((s) => sectionName(elf, s))).toEqual([
      '',
      '.text',
      '.bss',
      '.shstrtab',
    ]);
    expect(elf.sections[1]).toMatchObject({ type: 1, flags: 6n, address, align: 16 });
    expect(elf.segments).toHaveLength(1);
    expect(elf.segments[0]).toMatchObject({
      type: 1,
      flags: 4,
      virtualAddress: address,
      physicalAddress: 0x1000000n,
      fileSize: data.length,
      memorySize: data.length,
    });
  });

  it('gives the bytes of sections and segments, none for SHT_NOBITS', () => {
    const elf = open(buildElf(request));
    expect(Buffer.from(sectionBytes(elf, findSection(elf, '.text')!))).toEqual(data);
    expect(Buffer.from(segmentBytes(elf, elf.segments[0]!))).toEqual(data);
    const bss = findSection(elf, '.bss')!;
    expect(bss.size).toBe(4096);
    expect(sectionBytes(elf, bss)).toHaveLength(0);
  });

  it('follows extended numbering', () => {
    const plain = open(buildElf(request));
    const extended = open(buildElf({ ...request, extendedNumbering: true }));
    expect(extended.header).toMatchObject({ shnum: 0, shstrndx: 0xffff, phnum: 0xffff });
    expect(extended.sections).toHaveLength(plain.sections.length);
    expect(extended.segments).toEqual(plain.segments);
    expect(findSection(extended, '.bss')?.index).toBe(2);
  });

  it('ends where its last header or byte ends, and not at what is appended', () => {
    const bytes = buildElf(request);
    expect(elfEnd(open(bytes))).toBe(bytes.length);
    expect(elfEnd(open(Buffer.concat([bytes, Buffer.alloc(100)])))).toBe(bytes.length);
  });
});

describe('a broken ELF file', () => {
  const good = buildElf({ sections: [{ name: '.text', type: 1, data: new Uint8Array(32) }] });
  const patched = (change: (view: DataView) => void): Uint8Array => {
    const bytes = new Uint8Array(good);
    change(new DataView(bytes.buffer));
    return bytes;
  };
  const code = (bytes: Uint8Array): unknown => {
    try {
      return open(bytes);
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it.each([
    ['nothing at all', new Uint8Array(0), 'elf-not-elf'],
    ['another format', Buffer.from('MZ this is no ELF'), 'elf-not-elf'],
    ['big-endian', patched((v) => v.setUint8(5, 2)), 'elf-unsupported'],
    ['class 3', patched((v) => v.setUint8(4, 3)), 'elf-unsupported'],
    ['version 2', patched((v) => v.setUint8(6, 2)), 'elf-unsupported'],
    [
      'a section table beyond the end',
      patched((v) => v.setUint32(40, 1e9, true)),
      'elf-out-of-file',
    ],
    ['an offset of 2^63', patched((v) => v.setUint32(44, 2 ** 31, true)), 'elf-out-of-file'],
    ['a million sections', patched((v) => v.setUint16(60, 0xffff, true)), 'elf-out-of-file'],
    ['tiny section headers', patched((v) => v.setUint16(58, 8, true)), 'elf-malformed'],
    ['names in no string table', patched((v) => v.setUint16(62, 1, true)), 'elf-malformed'],
    ['names in no section', patched((v) => v.setUint16(62, 99, true)), 'elf-malformed'],
  ])('is refused: %s', (_, bytes, expected) => {
    expect(code(bytes)).toBe(expected);
  });

  it('says where a section with a lying size would lie', () => {
    const elf = open(
      buildElf({ sections: [{ name: '.lie', type: 1, data: new Uint8Array(4), size: 2 ** 40 }] }),
    );
    expect(() => sectionBytes(elf, findSection(elf, '.lie')!)).toThrow(
      labError('elf-out-of-file', {
        message: '.lie needs 1099511627776 bytes at 0x40, but the file has 280 bytes',
      }),
    );
  });

  it('refuses more section headers than any file has', () => {
    const count = 300_000;
    const bytes = new Uint8Array(64 + count * 64);
    bytes.set(good.subarray(0, 64));
    const view = new DataView(bytes.buffer);
    view.setBigUint64(40, 64n, true);
    view.setUint16(60, 0, true);
    view.setUint32(64 + 32, count, true);
    expect(code(bytes)).toBe('elf-limit');
  });

  it('refuses a name without end and a name beyond 4 KB, when asked for it', () => {
    const long = open(buildElf({ sections: [{ name: 'x'.repeat(5000), type: 1 }] }));
    expect(() => sectionName(long, long.sections[1]!)).toThrow(labError('elf-limit'));
    const names = open(good).sections[2]!;
    const elf = open(patched((v) => v.setUint8(names.offset + names.size - 1, 0x41)));
    expect(() => sectionName(elf, elf.sections[2]!)).toThrow(labError('elf-malformed'));
  });
});
