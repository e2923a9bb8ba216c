import type { Instruction } from 'iced-x86';
import type { Bytes } from '../units.js';
import type { SignedAddress } from '../kernel/address.js';
import { addField, fieldTable, firstFieldFrom, sortedFields } from './fields.js';
import type { FieldTable } from './fields.js';
import { iced, withDecoder } from '../kernel/iced.js';
import type { LoadedSection } from '../kernel/sections.js';
import type { KernelImage } from './image.js';
import { kindFunction, type PlaceTable } from './places.js';
import { address } from './relocated-fields.js';

/**
 * Completes the fields by decoding every function once: calls and jumps out of
 * the function that have no relocation, because the assembler resolved them;
 * `%rip`-relative operands likewise; and for relocated fields that are followed
 * by an immediate, the true end of their instruction. Jumps within a function
 * are no fields: their bytes are the same wherever the function lies.
 */
export function completeFields(
  image: KernelImage,
  places: PlaceTable,
  relocated: FieldTable,
): FieldTable {
  const added = fieldTable(0);
  let row = 0;
  image.sections.forEach((section, position) => {
    while (row < places.length && places.section[row]! < position) row++;
    if (!section.executable || section.bytes.length === 0) return;
    withDecoder(section.bytes, image.width, ({ decoder, instruction }) => {
      for (; row < places.length && places.section[row] === position; row++) {
        if (places.kind[row] !== kindFunction) continue;
        const start = places.start[row]!;
        const end = start + places.size[row]!;
        let field = firstFieldFrom(relocated, start);
        decoder.position = start - section.start;
        for (let at = start; at < end;) {
          decoder.decodeOut(instruction);
          const next = at + instruction.length;
          if (next === at || next > end) break;
          let isRelocated = false;
          for (; field < relocated.length && relocated.start[field]! < next; field++) {
            // The displacement stands before an immediate, which may be an address as well.
            if (!isRelocated) relocated.access[field] = accessSize(instruction);
            isRelocated = true;
            if (relocated.relative[field] !== 1) continue;
            const fieldEnd = relocated.start[field]! + relocated.size[field]!;
            relocated.target[field] = relocated.target[field]! + next - fieldEnd;
          }
          if (!isRelocated) {
            const jump = directBranch(section, at, next, image.width);
            if (jump > 0) {
              const target = address(
                next + signed(section.bytes, next - section.start, jump),
                image.width,
              );
              if (target < start || target >= end)
                addField(added, next - jump, jump, target, -1, true);
            } else if (instruction.isIpRelMemoryOperand) {
              const offsets = decoder.getConstantOffsets(instruction);
              const size = offsets.displacementSize;
              const place = at + offsets.displacementOffset;
              offsets.free();
              const distance = signed(section.bytes, place - section.start + size, size);
              addField(added, place, size, next + distance, -1, true, accessSize(instruction));
            }
          }
          at = next;
        }
      }
    });
  });
  return sortedFields(relocated, added);
}

/**
 * Bytes that an instruction takes at an address that is all displacement; 0
 * where it computes the address otherwise, or takes only the address.
 */
function accessSize(instruction: Instruction): Bytes {
  const { MemorySizeExt, OpKind, Register } = iced();
  const { memoryBase, memoryIndex, opCount } = instruction;
  if (memoryIndex !== Register.None) return 0;
  if (memoryBase !== Register.None && memoryBase !== Register.RIP) return 0;
  for (let operand = 0; operand < opCount; operand++) {
    if (instruction.opKind(operand) !== OpKind.Memory) continue;
    return Math.min(255, MemorySizeExt.size(instruction.memorySize));
  }
  return 0;
}

/** The little-endian number of some bytes that end at an offset. */
function signed(bytes: Uint8Array, end: Bytes, size: Bytes): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset + end - size, size).readIntLE(0, size);
}

/**
 * Bytes of a direct branch's displacement, which stands last in its instruction;
 * 0 for all other instructions. Read off the opcode (SDM volume 2, appendix A),
 * since asking the decoder for a target makes a BigInt each time.
 */
function directBranch(
  { bytes, start }: LoadedSection,
  from: SignedAddress,
  end: SignedAddress,
  width: 32 | 64,
): Bytes {
  let at = from - start;
  while (isPrefix(bytes[at]!, width)) at++;
  const opcode = bytes[at]!;
  const displacement = end - start - at - 1;
  const isShort =
    opcode === 0xeb || (opcode >= 0x70 && opcode < 0x80) || (opcode >= 0xe0 && opcode < 0xe4);
  if (isShort) return displacement === 1 ? 1 : 0;
  if (opcode === 0xe8 || opcode === 0xe9) return displacement === 4 ? 4 : 0;
  const isLong = opcode === 0x0f && bytes[at + 1]! >= 0x80 && bytes[at + 1]! < 0x90;
  return isLong && displacement === 5 ? 4 : 0;
}

function isPrefix(byte: number, width: 32 | 64): boolean {
  const isRex = width === 64 && byte >= 0x40 && byte < 0x50;
  return isRex || legacyPrefixes.has(byte);
}

const legacyPrefixes = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);
