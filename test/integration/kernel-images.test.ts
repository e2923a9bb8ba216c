import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  crcMatches,
  extractVmlinux,
  readBzImage,
  describeImage,
} from '../../engine/bzimage/index.js';
import {
  buildId,
  functionAt,
  openFileSource,
  readAllRelocations,
  readElf,
  readFunctions,
  readNotes,
  readSymbols,
  sectionName,
  symbolName,
  type ElfFile,
} from '../../engine/elf/index.js';
import { describeFlavours, extractFlavour } from '../../engine/merge/index.js';
import { testKernel, testMultiImage } from '../support/kernels.js';

/** Readers against the tools that everybody uses, on kernels of 20 MB. */

function openElf(file: string): ElfFile {
  const source = openFileSource(file);
  onTestFinished(() => source.close());
  return readElf(source);
}

function readelf(...words: string[]): string[] {
  return execFileSync('readelf', words, { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n');
}

const hex16 = (value: bigint): string => value.toString(16).padStart(16, '0');

describe.each(['native', 'xen'] as const)('the %s vmlinux', (flavour) => {
  const { vmlinux, bzImage } = testKernel(flavour);

  it('has the sections that readelf sees', () => {
    const elf = openElf(vmlinux);
    const expected = readelf('-SW', vmlinux)
      .map((line) =>
        /^\s+\[\s*(\d+)\] (\S*)\s+\S+\s+([0-9a-f]{16}) ([0-9a-f]{6,}) ([0-9a-f]{6,})/.exec(line),
      )
      .filter((match) => match !== null && match[1] !== '0')
      .map((match) => match?.slice(1, 6));
    const six = (value: number): string => value.toString(16).padStart(6, '0');
    const seen = elf.sections
      .slice(1)
      .map((section) => [
        String(section.index),
        sectionName(elf, section),
        hex16(section.address),
        six(section.offset),
        six(section.size),
      ]);
    expect(seen.length).toBeGreaterThan(30);
    expect(seen).toEqual(expected);
  });

  it('has the symbols that readelf sees', () => {
    const elf = openElf(vmlinux);
    const symbols = readSymbols(elf);
    if (symbols === undefined) throw new Error('stripped');
    const expected = readelf('-sW', vmlinux)
      .map((line) =>
        /^\s*\d+: ([0-9a-f]{16})\s+(?:0x([0-9a-f]+)|(\d+)) \S+\s+\S+\s+\S+\s+\S+ ?(.*)$/.exec(line),
      )
      .filter((match) => match !== null)
      .map((match) =>
        `${match[1] ?? ''} ${String(match[2] ? parseInt(match[2], 16) : Number(match[3]))} ${match[4] ?? ''}`.trimEnd(),
      );
    const seen = Array.from({ length: symbols.length }, (_, i) =>
      // readelf prints a section symbol by its section's name.
      (symbols.info[i]! & 0xf) === 3
        ? ''
        : `${hex16(symbols.value[i]!)} ${String(symbols.size[i]!)} ${symbolName(symbols, i)}`.trimEnd(),
    );
    expect(seen.length).toBe(expected.length);
    const different = seen.filter((line, i) => line !== '' && line !== expected[i]);
    expect(different.slice(0, 3)).toEqual([]);
  });

  it('has the relocations that readelf sees', () => {
    const elf = openElf(vmlinux);
    const tables = readAllRelocations(elf);
    const total = tables.reduce((sum, { length }) => sum + length, 0);
    expect(total).toBeGreaterThan(100_000);
    const rows = readelf('-rW', vmlinux)
      .map((line) => /^([0-9a-f]{16})  ([0-9a-f]{16}) R_X86_64_\S+/.exec(line))
      .filter((match) => match !== null);
    expect(rows.length).toBe(total);
    let row = 0;
    let different = 0;
    for (const { length, offset, symbol, type } of tables) {
      for (let i = 0; i < length; i++, row++) {
        const info = (BigInt(symbol[i]!) << 32n) | BigInt(type[i]!);
        if (rows[row]?.[1] !== hex16(offset[i]!) || rows[row]?.[2] !== hex16(info)) different++;
      }
    }
    expect(different).toBe(0);
  });

  it('tells which function an address lies in', () => {
    const elf = openElf(vmlinux);
    const symbols = readSymbols(elf);
    if (symbols === undefined) throw new Error('stripped');
    const functions = readFunctions(symbols);
    let checked = 0;
    for (let row = 0; row < functions.length; row++) {
      if (functions.size[row] === 0) continue;
      const start = functions.start[row]!;
      expect(functionAt(functions, start)).toBe(row);
      checked++;
    }
    expect(checked).toBeGreaterThan(10_000);
  });

  it('comes out of its bzImage, with the build id that vmlinux has', async () => {
    const image = readBzImage(readFileSync(bzImage));
    expect(crcMatches(image)).toBe(true);
    const { bytes, elf, elfEnd } = await extractVmlinux(image);
    expect(buildId(readNotes(elf))).toBe(buildId(readNotes(openElf(vmlinux))));
    // The relocation table for KASLR follows: 32-bit words, each list ended by a zero.
    expect((bytes.length - elfEnd) % 4).toBe(0);
    expect(bytes.length - elfEnd).toBeGreaterThan(100_000);
  });
});

describe('the multi-image of both', () => {
  const bytes = readFileSync(testMultiImage());

  it.each(['native', 'xen'] as const)('gives back %s byte for byte', async (flavour) => {
    const own = await extractVmlinux(readBzImage(readFileSync(testKernel(flavour).bzImage)));
    const extracted = await extractFlavour(bytes, flavour);
    expect(extracted.stored).toBe(flavour === 'xen' ? 'base' : 'recipe');
    expect(Buffer.compare(extracted.bytes, own.bytes)).toBe(0);
  });

  it('has a right CRC', () => {
    // tools/build.c writes the complement, so that the CRC over everything is all ones.
    expect(crc32(bytes)).toBe(0xffffffff);
  });

  it('is started by the decompressor of the kernel, and shares most of it', async () => {
    const { multiImage } = await describeFlavours(bytes, await describeImage(bytes));
    expect(multiImage).toMatchObject({ carrier: 'decompressor', base: 'xen', default: 'native' });
    const [native, xen] = multiImage!.flavours;
    expect(native).toMatchObject({ intact: true, kernel: { xenNotes: [] } });
    expect(xen).toMatchObject({ intact: true, shared: null });
    const { unchanged, inserted, relocations } = native!.shared!;
    expect(unchanged).toBeGreaterThan(0.8 * native!.unpackedSize);
    expect(inserted).toBeGreaterThan(0);
    expect(relocations).toBe(native!.relocationsSize);
  });

  it('boots as both say', async () => {
    const boots = async (file: string) =>
      (await describeImage(readFileSync(file))).bootsAs
        .filter(({ boots: yes }) => yes)
        .map(({ environment }) => environment);
    expect(await boots(testKernel('native').bzImage)).toEqual(['bare']);
    expect(await boots(testMultiImage())).toEqual(await boots(testKernel('xen').bzImage));
  });
});
