import type { FileOffset } from '../units.js';
import { addressOf, offsetOf, type Address32, type FileRange, type KernelImage } from './image.js';

/**
 * An address field: bytes of an image that hold an address of it. Recipes do
 * not list them. Absolute ones are in the relocation table; those of code are
 * found by its opcodes, data's by a short list. What is found wrongly costs
 * bytes of the recipe and nothing else, since both sides find the same.
 */
export type FieldKind = 0 | 1 | 2 | 3 | 4;

/** The address itself, 32 bits. */
export const absolute32 = 1;
/** The address itself, 64 bits; the upper half does not change. */
export const absolute64 = 2;
/** Of an instruction: from behind the field. */
export const relative = 3;
/** Of data: from the field itself (R_X86_64_PC32 without addend). */
export const dataRelative = 4;

export const fieldWidth = (kind: number): number => (kind === absolute64 ? 8 : 4);

/** The address that a field at `address` with the 32-bit value `value` stands for. */
export function fieldTarget(kind: number, address: Address32, value: number): Address32 {
  if (kind === relative) return (address + 4 + value) >>> 0;
  return (kind === dataRelative ? address + value : value) >>> 0;
}

/** The value by which a field at `address` stands for a target. */
export function fieldValue(kind: number, address: Address32, target: Address32): number {
  if (kind === relative) return (target - address - 4) >>> 0;
  return (kind === dataRelative ? target - address : target) >>> 0;
}

/** Addresses from `start`, `size` of them. */
export interface AddressRange {
  start: Address32;
  size: number;
}

/** Where operands and branches of an image's code can lead. */
export interface TargetRanges {
  branches: AddressRange[];
  operands: AddressRange[];
}

export function targetRanges(image: KernelImage): TargetRanges {
  const branches = image.code.map(({ offset, size }) => ({
    start: addressOf(image, offset)!,
    size,
  }));
  return { branches, operands: operandRanges(image, branches[0]) };
}

/**
 * Everything in memory but the first range of code: an immediate operand such
 * as that of `cmp $16, %eax` looks like a reference to what follows closely.
 */
function operandRanges(image: KernelImage, text: AddressRange | undefined): AddressRange[] {
  const ranges: AddressRange[] = [];
  const apart = 4 << 20;
  const sorted = [...image.loaded].sort((a, b) => a.address - b.address);
  for (const { address, memory } of sorted) {
    const end = address + memory;
    const skipped = text && text.start >= address && text.start < end;
    const start = skipped ? Math.min(text.start + text.size, end) : address;
    const last = ranges.at(-1);
    if (last && start - (last.start + last.size) < apart) last.size = end - last.start;
    else ranges.push({ start, size: end - start });
  }
  return ranges;
}

export function isWithin(ranges: readonly AddressRange[], address: Address32): boolean {
  for (const { start, size } of ranges) if ((address - start) >>> 0 < size) return true;
  return false;
}

/** What a byte can begin: a branch, a two-byte opcode, or an operand behind a ModRM byte. */
const beginnings = new Uint8Array(256).map((_, byte) => {
  if (byte === 0xe8 || byte === 0xe9) return 1; // call, jmp
  if (byte === 0x0f) return 2; // jcc when 0x80 to 0x8f follows
  return (byte & 0xc7) === 0x05 ? 3 : 0; // ModRM: [rip + disp32]
});

/**
 * Finds the PC-relative fields of code by opcode and target (Intel SDM,
 * volume 2, sections 2.1.5 and 2.2.1.6), without decoding instructions.
 * engine/native/multi/predict.c does the same, byte for byte.
 * @param address of the byte at `from`
 */
export function scanCode(
  image: KernelImage,
  { branches, operands }: TargetRanges,
  from: FileOffset,
  to: FileOffset,
  address: Address32,
  found: (field: FileOffset, target: Address32) => void,
): void {
  const { bytes, view } = image;
  for (let p = from; p + 5 <= to;) {
    const beginning = beginnings[bytes[p]!]!;
    if (beginning === 0) {
      p++;
      continue;
    }
    let field = p + 1;
    if (beginning === 2) {
      field = p + 2;
      if ((bytes[p + 1]! & 0xf0) !== 0x80 || field + 4 > to) {
        p++;
        continue;
      }
    }
    const target = (address + (field - from) + 4 + view.getUint32(field, true)) >>> 0;
    if (isWithin(beginning === 3 ? operands : branches, target)) {
      found(field, target);
      p = field + 4;
    } else {
      p++;
    }
  }
}

/** The addresses of a relocation list. */
export function listedAddresses({ view }: KernelImage, { offset, size }: FileRange): Uint32Array {
  return Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(offset + 4 * i, true));
}

/** Which byte of an image begins a field of which kind. */
export function findFields(image: KernelImage): Uint8Array {
  const kinds = new Uint8Array(image.bytes.length);
  const targets = targetRanges(image);
  for (const { offset, size } of image.code) {
    scanCode(image, targets, offset, offset + size, addressOf(image, offset)!, (field) => {
      kinds[field] = relative;
    });
  }
  const mark = (kind: number, list: FileRange): void => {
    for (const address of listedAddresses(image, list)) {
      const at = offsetOf(image, address);
      if (at !== undefined) kinds[at] = kind;
    }
  };
  mark(absolute32, image.relocations.abs32);
  mark(absolute64, image.relocations.abs64);
  return kinds;
}
