import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildId,
  elfEnd,
  functionAt,
  memorySource,
  readAllRelocations,
  readElf,
  readFunctions,
  readNotes,
  readRelocations,
  readSymbols,
  relocationSections,
  sectionName,
  symbolName,
  xenNotes,
} from '../../engine/elf/index.js';
import { LabError } from '../../engine/errors/lab-error.js';
import {
  ByteWriter,
  buildElf,
  linuxXenNotes,
  noteData,
  symbolTable,
} from '../support/elf-builder.js';

/** Everything the reader can be asked about a file. */
function readAll(bytes: Uint8Array): void {
  const elf = readElf(memorySource(bytes));
  const asks: (() => unknown)[] = [
    () => elf.sections.forEach((section) => sectionName(elf, section)),
    () => elfEnd(elf),
    () => buildId(readNotes(elf)),
    () => xenNotes(readNotes(elf)),
    () => readAllRelocations(elf),
    () => relocationSections(elf).forEach((section) => readRelocations(elf, section)),
    () => {
      const symbols = readSymbols(elf);
      if (!symbols) return;
      for (let i = 0; i < symbols.length; i++) symbolName(symbols, i);
      functionAt(readFunctions(symbols), 0xffffffff81000010n);
    },
  ];
  // One refusal must not keep the other questions from being asked.
  for (const ask of asks) resultOrLabError(ask);
}

/** The property all hostile input must have: a result, or an error of the catalogue. */
function resultOrLabError(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    expect(error.hint).not.toBe('');
  }
}

function sample(width: 32 | 64, extendedNumbering = false): Uint8Array {
  const { symtab, strtab } = symbolTable(
    [
      { name: 'startup_64', value: 0xffffffff81000000n, size: 64, info: 0x12 },
      { name: 'schedule', value: 0xffffffff81000040n, size: 32, info: 0x02 },
      { name: 'far', value: 0n, section: 0xffff },
    ],
    width,
  );
  const relocation = new ByteWriter().uint(0x10, width / 8).uint(1, 4);
  if (width === 64) relocation.uint(2, 4).uint(-4n & (2n ** 64n - 1n), 8);
  else relocation.uint(-4n & 0xffffffffn, 4);
  return buildElf({
    width,
    extendedNumbering,
    sections: [
      { name: '.text', type: 1, data: new Uint8Array(96), flags: 6n },
      { name: '.symtab', type: 2, data: symtab, link: 3, entrySize: width === 64 ? 24 : 16 },
      { name: '.strtab', type: 3, data: strtab },
      { name: '.rela', type: 4, data: relocation.done(), entrySize: width === 64 ? 24 : 12 },
      { name: '.notes', type: 7, data: noteData(linuxXenNotes()), align: 4 },
      { name: '.shndx', type: 18, data: new Uint8Array(16), link: 2 },
    ],
    segments: [
      { type: 1, section: '.text' },
      { type: 4, section: '.notes' },
    ],
  });
}

const samples = [sample(64), sample(32), sample(64, true)];
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

describe('the ELF reader on hostile input', () => {
  it('answers or refuses random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) =>
        resultOrLabError(() => readAll(bytes)),
      ),
    );
  });

  it('answers or refuses random bytes behind a valid identification', () => {
    const identity = fc.constantFrom(1, 2).map((c) => [0x7f, 0x45, 0x4c, 0x46, c, 1, 1]);
    const tail = fc.uint8Array({ minLength: 57, maxLength: 2048 });
    fc.assert(
      fc.property(identity, tail, (head, rest) =>
        resultOrLabError(() => readAll(Uint8Array.from([...head, ...rest]))),
      ),
    );
  });

  it.each([0, 1, 2])('answers or refuses sample %i truncated at every length', (index) => {
    const whole = samples[index]!;
    for (let size = 0; size < whole.length; size++) {
      resultOrLabError(() => readAll(whole.subarray(0, size)));
      // The section headers stand last, so no truncated file is complete.
      expect(() => readElf(memorySource(whole.subarray(0, size)))).toThrow(LabError);
    }
  });

  it('answers or refuses samples with bytes changed', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        (whole, changes) => {
          const bytes = new Uint8Array(whole);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          resultOrLabError(() => readAll(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('answers or refuses samples with any header word at its extremes', () => {
    for (const whole of samples) {
      const shoff = readElf(memorySource(whole)).header.shoff;
      const words = [...range(0, 200), ...range(shoff, whole.length - 4)];
      for (const at of words) {
        for (const value of extremes) {
          const bytes = new Uint8Array(whole);
          new DataView(bytes.buffer).setUint32(at, value, true);
          resultOrLabError(() => readAll(bytes));
        }
      }
    }
  });

  it('reads overlapping sections, which the format allows', () => {
    const bytes = sample(64);
    const { header } = readElf(memorySource(bytes));
    const view = new DataView(bytes.buffer);
    // .text is laid over the string table and everything behind it.
    view.setBigUint64(header.shoff + 64 + 24, 0n, true);
    view.setBigUint64(header.shoff + 64 + 32, BigInt(bytes.length), true);
    expect(elfEnd(readElf(memorySource(bytes)))).toBe(bytes.length);
    readAll(bytes);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.floor((to - from) / 4) }, (_, i) => from + 4 * i);
}
