import type { SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import type { AddressRange } from '../kernel.js';
import {
  encode,
  operandSize,
  readShape,
  register,
  type MemoryShape,
  type RegisterForm,
} from './shape.js';
import type { Refusal } from './types.js';

export interface ImmediateRequest {
  /** One instruction with one memory operand, which is a plain address. */
  bytes: Uint8Array;
  /** Where it is. */
  address: SignedAddress;
  /** What its memory operand reads: as many bytes as it takes, little-endian. */
  value: Uint8Array;
  /** Everything that moves with the kernel. */
  image: AddressRange;
  /** Where calls and jumps may lead. */
  text: AddressRange;
}

export type Replacement =
  | {
      bytes: Uint8Array;
      /** Offset of a 32-bit field that holds an address of the kernel, which KASLR must correct. */
      addressAt: Bytes | undefined;
      refused?: undefined;
    }
  | { refused: Refusal };

/**
 * The instruction of equal length that does the same with the value as an immediate: same
 * registers, all of their bits, and same flags, wherever the manual defines them. Pure.
 */
export function immediateFor(request: ImmediateRequest): Replacement {
  const shape = readShape(request.bytes);
  if (!shape) return { refused: 'no-form' };
  const { opcode } = shape;
  if (opcode in arithmetic) return arithmeticForm(request, shape, arithmetic[opcode]!);
  switch (opcode) {
    case 0x8a: // mov r8, m8
      return byteForm(request, shape, { opcode: [0xc6], modrm: { reg: 0, rm: register(shape) } });
    case 0x8b: // mov r, m
      return loadForm(request, shape, signedValue(request.value));
    case 0x0fb6: // movzx
    case 0x0fb7:
      return loadForm(request, shape, unsignedValue(request.value));
    case 0x0fbe: // movsx
    case 0x0fbf:
    case 0x63: // movsxd
      return loadForm(request, shape, signedValue(request.value));
    case 0x84: // test m8, r8
      return byteForm(request, shape, { opcode: [0xf6], modrm: { reg: 0, rm: register(shape) } });
    case 0x85: // test m, r: either order sets the same flags
      return wordForm(request, shape, { opcode: [0xf7], modrm: { reg: 0, rm: register(shape) } });
    case 0x0faf: // imul r, m
      return wordForm(request, shape, {
        opcode: [0x69],
        modrm: { reg: register(shape), rm: register(shape) },
      });
    case 0x38: // cmp m, r
    case 0x39:
      return { refused: 'order' };
    case 0x80:
    case 0x81:
    case 0x83:
      return shape.reg === 7 ? comparisonForm(request, shape) : { refused: 'writes' };
    case 0xf6:
    case 0xf7:
      return testForm(request, shape);
    case 0xff:
      return transferForm(request, shape);
    default:
      return { refused: 'no-form' };
  }
}

/** `op r, m`, by opcode, and the number of the same in 80 /n and 81 /n. */
const arithmetic: Partial<Record<number, number>> = Object.fromEntries(
  [0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [
    [8 * n + 2, n],
    [8 * n + 3, n],
  ]),
);

function arithmeticForm(request: ImmediateRequest, shape: MemoryShape, n: number): Replacement {
  const modrm = { reg: n, rm: register(shape) };
  return shape.opcode % 2 === 0
    ? byteForm(request, shape, { opcode: [0x80], modrm })
    : wordForm(request, shape, { opcode: [0x81], modrm });
}

function byteForm(
  request: ImmediateRequest,
  { rex, size }: MemoryShape,
  form: RegisterForm,
): Replacement {
  const immediate = { value: Number(signedValue(request.value)), size: 1 } as const;
  return done(encode({ ...form, keepRex: rex !== 0, immediate }, size)?.bytes);
}

/** 16, 32 or 64 bits; of 64, the immediate has the lower half, and the processor extends its sign. */
function wordForm(
  request: ImmediateRequest,
  shape: MemoryShape,
  form: Omit<RegisterForm, 'immediate'>,
): Replacement {
  const operand = operandSize(shape);
  const value = signedValue(request.value);
  if (value !== BigInt.asIntN(32, value)) return { refused: 'no-room' };
  const sized: RegisterForm = {
    ...{ ...form, operand16: operand === 2, wide: operand === 8 },
    immediate: { value: Number(value), size: operand === 2 ? 2 : 4 },
  };
  return withAddress(request, encode(sized, shape.size), operand === 8 ? value : undefined);
}

/** `mov r, value`. Of 64 bits, 32 are enough where their sign or zeros are the rest. */
function loadForm(request: ImmediateRequest, shape: MemoryShape, value: bigint): Replacement {
  const form = { opcode: [0xc7], modrm: { reg: 0, rm: register(shape) } };
  const operand = operandSize(shape);
  if (operand === 2) {
    const immediate = { value: Number(value), size: 2 } as const;
    return done(encode({ ...form, operand16: true, immediate }, shape.size)?.bytes);
  }
  const immediate = { value: Number(BigInt.asIntN(32, value)), size: 4 } as const;
  if (operand === 4 || value === BigInt.asUintN(32, value)) {
    return done(encode({ ...form, immediate }, shape.size)?.bytes);
  }
  if (value !== BigInt.asIntN(32, value)) return { refused: 'no-room' };
  return withAddress(request, encode({ ...form, wide: true, immediate }, shape.size), value);
}

/**
 * `cmp m, imm` of equal numbers, and `test m, imm` of numbers without a common bit: the flags of a
 * result of 0 are those of a register compared with itself. Those of other results cannot be had.
 */
function comparisonForm(request: ImmediateRequest, shape: MemoryShape): Replacement {
  const value = signedValue(request.value);
  return value === signedValue(shape.immediate) ? zeroResult(shape.size) : { refused: 'flags' };
}

function testForm(request: ImmediateRequest, shape: MemoryShape): Replacement {
  if (shape.reg > 1) return { refused: shape.reg < 4 ? 'writes' : 'no-form' };
  const bits = BigInt.asUintN(64, signedValue(request.value) & signedValue(shape.immediate));
  const isZero = BigInt.asUintN(8 * request.value.length, bits) === 0n;
  return isZero ? zeroResult(shape.size) : { refused: 'flags' };
}

/** `cmp %eax, %eax` */
function zeroResult(size: Bytes): Replacement {
  return done(encode({ opcode: [0x39], modrm: { reg: 0, rm: 0 } }, size)?.bytes);
}

/** call *m, jmp *m, push m. */
function transferForm(request: ImmediateRequest, shape: MemoryShape): Replacement {
  const { reg, size } = shape;
  if (reg === 0 || reg === 1) return { refused: 'writes' };
  const value = signedValue(request.value);
  if (request.value.length !== 8 || shape.operand16) return { refused: 'no-form' };
  if (reg === 6) {
    if (value !== BigInt.asIntN(32, value)) return { refused: 'no-room' };
    const immediate = { value: Number(value), size: 4 } as const;
    return withAddress(request, encode({ opcode: [0x68], immediate }, size), value);
  }
  if (reg !== 2 && reg !== 4) return { refused: 'no-form' };
  if (!isIn(request.text, value)) return { refused: 'not-text' };
  const distance = Number(value) - (request.address + size);
  const immediate = { value: distance, size: 4 } as const;
  return done(encode({ opcode: [reg === 2 ? 0xe8 : 0xe9], immediate }, size)?.bytes);
}

function done(bytes: Uint8Array | undefined): Replacement {
  return bytes ? { bytes, addressAt: undefined } : { refused: 'no-room' };
}

/** @param value all 64 bits that the field stands for; undefined where it stands for fewer */
function withAddress(
  { image, value: read }: ImmediateRequest,
  encoded: { bytes: Uint8Array; immediateAt: Bytes } | undefined,
  value: bigint | undefined,
): Replacement {
  if (!encoded) return { refused: 'no-room' };
  const isAddress = read.length === 8 && value !== undefined && isIn(image, value);
  return { bytes: encoded.bytes, addressAt: isAddress ? encoded.immediateAt : undefined };
}

function isIn({ start, end }: AddressRange, value: bigint): boolean {
  return value >= BigInt(start) && value < BigInt(end);
}

function unsignedValue(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function signedValue(bytes: Uint8Array): bigint {
  return BigInt.asIntN(8 * bytes.length, unsignedValue(bytes));
}
