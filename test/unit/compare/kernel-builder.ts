import { memorySource } from '../../../engine/elf/index.js';
import { compareKernels, type KernelComparison } from '../../../engine/compare/index.js';
import { rowName } from '../../../engine/compare/rows.js';
import { reasons, verdicts, type ComparisonTable } from '../../../engine/compare/types.js';
import { ByteWriter, buildElf, symbolTable, type BuildSymbol } from '../../support/elf-builder.js';

/** A part of a section: a function, an object, or what lies between them. */
export interface Part {
  /** Absent for bytes without a symbol. */
  name?: string;
  bytes: readonly number[];
  /** Follows this file symbol, and is local; global when absent. */
  file?: string;
  /** Address fields: 4 bytes relative, or 8 absolute. */
  fields?: readonly Field[];
  /** Further names. */
  aliases?: readonly string[];
  /** Without a size: a label. */
  unsized?: boolean;
}

export interface Field {
  at: number;
  /** A part's name, or its index among `text`, `data`, ... as `.rodata#2`. */
  to: string;
  addend?: number;
  size?: 4 | 8;
  /** No relocation: the assembler resolved it. */
  resolved?: boolean;
  /** Against the section's symbol, as the compiler does for static objects. */
  viaSection?: boolean;
}

/** The parts of each section, in order; every part begins on 16 bytes. */
export type Parts = Partial<Record<keyof typeof sectionFacts, readonly Part[]>>;

const base = 0xffffffff81000000n;

const sectionFacts = {
  '.text': { flags: 6n, offset: 0 },
  '.altinstr_replacement': { flags: 6n, offset: 0x80_0000 },
  '.rodata': { flags: 2n, offset: 0x100_0000 },
  '.data': { flags: 3n, offset: 0x200_0000 },
  '.parainstructions': { flags: 2n, offset: 0x300_0000 },
  '.altinstructions': { flags: 2n, offset: 0x380_0000 },
} as const;

interface Placed {
  part: Part;
  section: number;
  address: number;
}

/**
 * A small vmlinux. Fields are written as the linker would write them.
 * @param shift moves everything, so that equal kernels have unequal addresses
 */
export function buildVmlinux(parts: Parts, shift = 0): Uint8Array {
  const names = Object.keys(sectionFacts) as (keyof typeof sectionFacts)[];
  const present = names.filter((name) => (parts[name] ?? []).length > 0);
  const placed = new Map<string, Placed>();
  const contents = present.map((name, index) => {
    const { offset } = sectionFacts[name];
    let at = 0;
    (parts[name] ?? []).forEach((part, i) => {
      const here = { part, section: index + 1, address: offset + shift + at };
      placed.set(`${name}#${i}`, here);
      for (const alias of [part.name, ...(part.aliases ?? [])]) if (alias) placed.set(alias, here);
      at = Math.ceil((at + part.bytes.length) / 16) * 16;
    });
    return Buffer.alloc(at);
  });

  const symbols: BuildSymbol[] = present.map((_, i) => ({
    ...{ name: '', value: base + BigInt(sectionFacts[present[i]!].offset + shift), info: 3 },
    section: i + 1,
  }));
  const symbolIndex = new Map<string, number>();
  const byFile = [...new Map([...placed.values()].map((one) => [one.part, one])).values()].sort(
    (a, b) => Number(b.part.file !== undefined) - Number(a.part.file !== undefined),
  );
  let file: string | undefined;
  for (const { part, section, address } of byFile) {
    if (part.file !== undefined && part.file !== file) {
      file = part.file;
      symbols.push({ name: file, value: 0n, info: 4, section: 0xfff1 });
    }
    for (const name of [part.name, ...(part.aliases ?? [])]) {
      if (name === undefined) continue;
      symbols.push({
        ...{ name, value: base + BigInt(address), section },
        size: part.unsized === true ? 0 : part.bytes.length,
        info: (part.file === undefined ? 0x10 : 0) | (part.unsized ? 0 : section === 1 ? 2 : 1),
      });
      symbolIndex.set(name, symbols.length);
    }
  }

  const relocations = present.map(() => new ByteWriter());
  for (const { part, section, address } of byFile) {
    const content = contents[section - 1]!;
    const start = address - sectionFacts[present[section - 1]!].offset - shift;
    content.set(part.bytes, start);
    for (const field of part.fields ?? []) {
      const { at, to, addend = 0, size = 4, resolved = false, viaSection = false } = field;
      const target = placed.get(to)!;
      const isCode = present[section - 1] === '.text';
      const bias = size === 4 && isCode ? 4 : 0;
      if (size === 8)
        content.writeBigInt64LE(base + BigInt(target.address + addend) - 2n ** 64n, start + at);
      else content.writeInt32LE(target.address + addend - (address + at) - bias, start + at);
      if (resolved) continue;
      const byName = !viaSection && symbolIndex.has(to);
      const symbol = byName ? symbolIndex.get(to)! : target.section;
      const sectionStart = sectionFacts[present[target.section - 1]!].offset + shift;
      const distance = byName ? 0 : target.address - sectionStart;
      relocations[section - 1]!.uint(base + BigInt(address + at), 8)
        .uint(size === 8 ? 1 : 2, 4)
        .uint(symbol, 4)
        .uint(BigInt.asUintN(64, BigInt(distance + addend - bias)), 8);
    }
  }

  const { symtab, strtab } = symbolTable(symbols);
  const symtabIndex = 2 * present.length + 1;
  return buildElf({
    sections: [
      ...present.map((name, i) => ({
        ...{ name, type: 1, data: contents[i]!, flags: sectionFacts[name].flags },
        address: base + BigInt(sectionFacts[name].offset + shift),
      })),
      ...present.map((name, i) => ({
        ...{ name: `.rela${name}`, type: 4, data: relocations[i]!.done(), entrySize: 24 },
        ...{ link: symtabIndex, info: i + 1 },
      })),
      { name: '.symtab', type: 2, data: symtab, link: symtabIndex + 1, entrySize: 24 },
      { name: '.strtab', type: 3, data: strtab },
    ],
  });
}

/** Compares two kernels made of parts; B lies elsewhere unless `shift` is 0. */
export function compareParts(a: Parts, b: Parts, shift = 0x1230): Promise<KernelComparison> {
  return compareBytes(buildVmlinux(a), buildVmlinux(b, shift));
}

export function compareBytes(a: Uint8Array, b: Uint8Array): Promise<KernelComparison> {
  return compareKernels(
    { source: memorySource(a), label: 'a' },
    { source: memorySource(b), label: 'b' },
  );
}

/** What became of every row: `{ schedule: 'differs structure' }`. */
export function outcome(
  comparison: KernelComparison,
  table: ComparisonTable = comparison.functions,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 0; i < table.length; i++) {
    const reason = reasons[table.reason[i]!];
    const verdict = verdicts[table.verdict[i]!]!;
    found[rowName(comparison, table, i)] = reason === undefined ? verdict : `${verdict}: ${reason}`;
  }
  return found;
}
