import type { Bytes } from '../../units.js';

/**
 * An instruction with one memory operand that is a plain address, taken apart
 * (Intel SDM volume 2, chapter 2).
 */
export interface MemoryShape {
  /** All of the instruction. */
  size: Bytes;
  /** It has the prefix 66: operands of 16 bits, where the opcode has any but 8. */
  operand16: boolean;
  /** The REX prefix, or 0 for none. */
  rex: number;
  /** One byte, or 0x0fXX. */
  opcode: number;
  /** ModRM.reg without REX.R: a register, or more of the opcode. */
  reg: number;
  /** What follows the displacement. */
  immediate: Uint8Array;
}

export const rexW = 8;
const rexR = 4;

/** Undefined for any other instruction, and for prefixes that change what it does. */
export function readShape(bytes: Uint8Array): MemoryShape | undefined {
  let at = 0;
  let operand16 = false;
  // CS, SS, DS, ES: nothing in 64-bit mode, where a compiler wanted a longer instruction.
  for (; isPadding(bytes[at]) || bytes[at] === 0x66; at++) operand16 ||= bytes[at] === 0x66;
  const rex = (bytes[at]! & 0xf0) === 0x40 ? bytes[at++]! : 0;
  let opcode = bytes[at++]!;
  if (opcode === 0x0f) opcode = 0x0f00 | bytes[at++]!;
  const modrm = bytes[at++];
  if (modrm === undefined || modrm >> 6 !== 0) return undefined;
  const isAbsolute = (modrm & 7) === 4;
  // Without an index, and without a base: REX.X would make it %r12.
  if (isAbsolute && (bytes[at++] !== 0x25 || (rex & 2) !== 0)) return undefined;
  if (!isAbsolute && (modrm & 7) !== 5) return undefined;
  if (at + 4 > bytes.length) return undefined;
  return {
    ...{ size: bytes.length, operand16, rex, opcode, reg: (modrm >> 3) & 7 },
    immediate: bytes.subarray(at + 4),
  };
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0x2e || byte === 0x36 || byte === 0x3e || byte === 0x26;
}

/** The register that ModRM.reg and REX.R name, 0 to 15. */
export function register({ rex, reg }: MemoryShape): number {
  return reg | ((rex & rexR) !== 0 ? 8 : 0);
}

/** Bytes of the operand, for an opcode whose operand is not 8 bits. */
export function operandSize({ rex, operand16 }: MemoryShape): 2 | 4 | 8 {
  if ((rex & rexW) !== 0) return 8;
  return operand16 ? 2 : 4;
}

/** What to encode: an instruction on registers with an immediate. */
export interface RegisterForm {
  operand16?: boolean;
  /** REX.W */
  wide?: boolean;
  /** A REX prefix even where none of its bits is needed: it makes 4 to 7 %spl to %dil. */
  keepRex?: boolean;
  opcode: readonly number[];
  /** ModRM.reg and ModRM.rm, 0 to 15; none for opcodes without. */
  modrm?: { reg: number; rm: number };
  immediate?: { value: number; size: 1 | 2 | 4 };
}

/** An encoded instruction, and where its immediate begins. */
export interface Encoded {
  bytes: Uint8Array;
  immediateAt: Bytes;
}

/**
 * Encodes with CS prefixes in front up to the wanted size, as the kernel's own call sites have
 * them: one instruction stays one instruction. Undefined where it is longer.
 */
export function encode(form: RegisterForm, size: Bytes): Encoded | undefined {
  const { modrm, immediate } = form;
  const rex =
    (form.wide === true ? rexW : 0) | (modrm ? ((modrm.reg >> 3) * rexR) | (modrm.rm >> 3) : 0);
  const body = [
    ...(form.operand16 === true ? [0x66] : []),
    ...(rex !== 0 || form.keepRex === true ? [0x40 | rex] : []),
    ...form.opcode,
    ...(modrm ? [0xc0 | ((modrm.reg & 7) << 3) | (modrm.rm & 7)] : []),
  ];
  const room = size - body.length - (immediate?.size ?? 0);
  if (room < 0) return undefined;
  const bytes = Buffer.alloc(size, 0x2e);
  bytes.set(body, room);
  const immediateAt = room + body.length;
  if (immediate) {
    const bits = 8 * immediate.size;
    const value = BigInt.asUintN(bits, BigInt(immediate.value));
    bytes.writeUIntLE(Number(value), immediateAt, immediate.size);
  }
  return { bytes: new Uint8Array(bytes), immediateAt };
}
