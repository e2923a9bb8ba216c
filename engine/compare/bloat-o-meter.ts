import {
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHT_NOBITS,
  STB_LOCAL,
  STB_WEAK,
  readElf,
  readSymbols,
  symbolBinding,
  symbolName,
  type ByteSource,
  type ElfFile,
  type SymbolTable,
} from '../elf/index.js';
import { compareErrors } from '../errors/compare.js';
import type { Bytes } from '../units.js';

/** What the script's options -c, -d and -t choose: the titles of its tables and the types they count. */
const modes = {
  all: [['Function', 'tTdDbBrR']],
  categories: [
    ['Function', 'tT'],
    ['Data', 'dDbB'],
    ['RO Data', 'rR'],
  ],
  data: [['Data', 'dDbBrR']],
  text: [['Function', 'tT']],
} as const;

export type BloatMode = keyof typeof modes;

/**
 * The text that the kernel's `scripts/bloat-o-meter` (6.1) prints for two
 * files, to the byte: people paste it into patch mails, with its folding of
 * names, which is not this lab's.
 * @throws compare-no-symbols, elf-*
 */
export function bloatOMeter(
  a: { source: ByteSource; label: string },
  b: { source: ByteSource; label: string },
  mode: BloatMode = 'all',
): string {
  const [before, after] = [sizedSymbols(a), sizedSymbols(b)];
  return modes[mode]
    .map(([title, types]) => table(title, sizes(before, types), sizes(after, types)))
    .join('');
}

interface SizedSymbol {
  name: string;
  /** The letter of nm(1). */
  type: string;
  size: Bytes;
}

/** The symbols that `nm --size-sort` lists: those with a size, in a section. */
function sizedSymbols({ source, label }: { source: ByteSource; label: string }): SizedSymbol[] {
  const elf = readElf(source);
  const symbols = readSymbols(elf);
  if (!symbols) throw compareErrors.noSymbols({ label });
  const listed: SizedSymbol[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols.size[i] === 0 || symbols.section[i] === SHN_UNDEF) continue;
    listed.push({
      name: symbolName(symbols, i),
      type: typeLetter(elf, symbols, i),
      size: symbols.size[i]!,
    });
  }
  return listed;
}

/**
 * nm's letter, by section (bfd/syms.c, bfd_decode_symclass): weak symbols and
 * absolute ones have letters that the script does not count.
 */
function typeLetter(elf: ElfFile, symbols: SymbolTable, index: number): string {
  const binding = symbolBinding(symbols, index);
  if (binding === STB_WEAK) return 'W';
  const section =
    symbols.section[index]! < SHN_LORESERVE ? elf.sections[symbols.section[index]!] : undefined;
  if (!section) return 'a';
  let letter = 'n';
  if (section.flags & SHF_EXECINSTR) letter = 't';
  else if (section.type === SHT_NOBITS) letter = 'b';
  else if (section.flags & SHF_ALLOC) letter = section.flags & SHF_WRITE ? 'd' : 'r';
  return binding === STB_LOCAL ? letter : letter.toUpperCase();
}

/** Names of symbols that the script leaves out: generated ones, and those that always differ. */
const leftOut = /^(__mod_|__se_sys|__se_compat_sys|__addressable_)|^(linux_banner|vermagic)$/;

/** Sizes by name, without numbers: static symbols that share a name are one. */
function sizes(symbols: readonly SizedSymbol[], types: string): Map<string, Bytes> {
  const found = new Map<string, Bytes>();
  for (const { name, type, size } of symbols) {
    // The script takes lines with a colon for the name of an archive's member.
    if (!types.includes(type) || leftOut.test(name) || name.includes(':')) continue;
    const folded = name.replace(/\.[0-9]+/g, '');
    found.set(folded, (found.get(folded) ?? 0) + size);
  }
  return found;
}

function table(
  title: string,
  before: ReadonlyMap<string, Bytes>,
  after: ReadonlyMap<string, Bytes>,
): string {
  let [grow, shrink, added, removed, up, down] = [0, 0, 0, 0, 0, 0];
  const deltas: [delta: number, name: string][] = [];
  for (const [name, size] of before) {
    const now = after.get(name);
    const delta = (now ?? 0) - size;
    if (now === undefined) removed++;
    else if (delta > 0) grow++;
    else if (delta < 0) shrink++;
    if (delta > 0) up += delta;
    else down -= delta;
    if (delta !== 0) deltas.push([delta, name]);
  }
  for (const [name, size] of after) {
    if (before.has(name)) continue;
    added++;
    up += size;
    deltas.push([size, name]);
  }
  deltas.sort(([x, one], [y, two]) => y - x || (one < two ? 1 : -1));
  const total = (all: ReadonlyMap<string, Bytes>): Bytes =>
    [...all.values()].reduce((a, b) => a + b, 0);
  const [old, now] = [total(before), total(after)];
  const sized = (size: Bytes | undefined): string => String(size ?? '-').padStart(7);
  const lines = [
    `add/remove: ${added}/${removed} grow/shrink: ${grow}/${shrink} up/down: ${up}/${negated(down)} (${up - down})`,
    `${title.padEnd(40)} ${'old'.padStart(7)} ${'new'.padStart(7)} ${'delta'.padStart(7)}`,
    ...deltas.map(([delta, name]) => {
      const signed = `${delta > 0 ? '+' : ''}${delta}`.padStart(7);
      return `${name.padEnd(40)} ${sized(before.get(name))} ${sized(after.get(name))} ${signed}`;
    }),
    `Total: Before=${old}, After=${now}, chg ${signedPercent(old === 0 ? 0 : ((now - old) * 100) / old)}%`,
  ];
  return `${lines.join('\n')}\n`;
}

function negated(value: number): string {
  return value === 0 ? '0' : `-${value}`;
}

/** Python's `%+.2f`, which rounds exact ties to even where `toFixed` rounds them up. */
function signedPercent(value: number): string {
  const eighths = value * 8;
  const isTie = Number.isInteger(eighths) && Math.abs(eighths % 2) === 1;
  const hundredths = Math.abs(value) * 100;
  const rounded = isTie
    ? (2 * Math.round(hundredths / 2)) / 100
    : Number(Math.abs(value).toFixed(2));
  return `${value < 0 || Object.is(value, -0) ? '-' : '+'}${rounded.toFixed(2)}`;
}
