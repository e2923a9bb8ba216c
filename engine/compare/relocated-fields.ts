import { readAllRelocations } from '../elf/index.js';
import type { Bytes } from '../units.js';
import { signedAddresses, type SignedAddress } from '../kernel/address.js';
import { addField, fieldTable, sortedFields, type FieldTable } from './fields.js';
import { sectionOf, type KernelImage } from './image.js';

/** Width of the field and whether it is relative, by relocation type (psABI for x86-64, table 4.9). */
const shapes64: Readonly<Record<number, readonly [size: Bytes, relative: boolean]>> = {
  1: [8, false], // R_X86_64_64
  2: [4, true], // PC32
  4: [4, true], // PLT32
  9: [4, true], // GOTPCREL, which the linker made a direct reference
  10: [4, false], // 32
  11: [4, false], // 32S
  12: [2, false], // 16
  13: [2, true], // PC16
  15: [1, true], // PC8
  24: [8, true], // PC64
  41: [4, true], // GOTPCRELX
  42: [4, true], // REX_GOTPCRELX
};

/** The same for i386. */
const shapes32: typeof shapes64 = {
  1: [4, false], // R_386_32
  2: [4, true], // PC32
  4: [4, true], // PLT32
  20: [2, false], // 16
  21: [2, true], // PC16
  23: [1, true], // PC8
};

/**
 * The address fields that relocations (`ld --emit-relocs`) tell of. What a
 * field contains decides where it leads: some tables are sorted after the link
 * (`__ex_table`, `.orc_unwind_ip`), and their relocations are stale. Only where
 * both agree does the relocation's symbol name the target.
 *
 * A relative field of data counts from its own start. In an instruction the
 * processor counts from the instruction's end, which is taken for the field's
 * end here; decoding corrects it where an immediate follows.
 * @throws elf-malformed, elf-out-of-file, elf-limit
 */
export function relocatedFields(image: KernelImage): FieldTable {
  const shapes = image.width === 64 ? shapes64 : shapes32;
  const symbolAddress = signedAddresses(image.symbols.value);
  const tables = readAllRelocations(image.elf);
  const found = fieldTable(tables.reduce((sum, table) => sum + table.length, 0));
  for (const table of tables) {
    const offset = signedAddresses(table.offset);
    const addend = table.addend && signedAddresses(new BigUint64Array(table.addend.buffer));
    for (let i = 0; i < table.length; i++) {
      const shape = shapes[table.type[i]!];
      if (!shape) continue;
      const [size, relative] = shape;
      const start = offset[i]!;
      const section = image.sections[sectionOf(image, start)];
      if (!section) continue;
      const content = fieldContent(
        section.bytes,
        start - section.start,
        size,
        image.width,
        relative,
      );
      if (content === undefined) continue;
      const from = relative ? start : 0;
      const symbol = table.symbol[i]!;
      const base = symbol < symbolAddress.length ? symbolAddress[symbol]! : NaN;
      // Without a column of addends (SHT_REL) the content is all there is, and agrees with itself.
      const promised = addend ? base + addend[i]! - from : content;
      const agrees = wraps(promised - content, size);
      const bias = relative && section.executable ? size : 0;
      const target = address((agrees ? promised : content) + from + bias, image.width);
      addField(found, start, size, target, agrees && base === base ? symbol : -1, relative);
    }
  }
  addExceptionTable(image, found);
  return sortedFields(found);
}

/**
 * The linker script's `__ex_table` is sorted after the link by scripts/sorttable,
 * and the relocations are wiped out. Its entries begin with two fields that are
 * relative to themselves: `{ int insn, fixup, data; }` (arch/x86 asm/extable.h).
 */
function addExceptionTable({ sections, width }: KernelImage, found: FieldTable): void {
  const table = sections.find(({ name }) => name === '__ex_table');
  if (!table || table.bytes.length % 12 !== 0) return;
  for (let at = 0; at < table.bytes.length; at += 4) {
    if (at % 12 === 8) continue;
    const start = table.start + at;
    const content = fieldContent(table.bytes, at, 4, width, true)!;
    addField(found, start, 4, address(start + content, width), -1, true);
  }
}

/** A field's bytes as a number; undefined where they are not all in the file. */
function fieldContent(
  bytes: Uint8Array,
  at: Bytes,
  size: Bytes,
  width: 32 | 64,
  relative: boolean,
): number | undefined {
  if (at + size > bytes.length) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, size);
  if (size === 8) return view.readInt32LE(4) * 2 ** 32 + view.readUInt32LE(0);
  return width === 64 || relative ? view.readIntLE(0, size) : view.readUIntLE(0, size);
}

/** Whether a difference vanishes in a field of that many bytes. */
function wraps(difference: number, size: Bytes): boolean {
  return size === 8 ? difference === 0 : difference % 2 ** (8 * size) === 0;
}

/** A 32-bit kernel's addresses wrap at 4 GB. */
export function address(value: number, width: 32 | 64): SignedAddress {
  return width === 64 ? value : value >>> 0;
}
