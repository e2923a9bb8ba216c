import type * as Iced from 'iced-x86';
import type { Bytes } from '../units.js';
import type { IndexIntoFieldTable } from './fields.js';
import { firstFieldFrom } from './fields.js';
import { iced, withDecoder, type Decoding } from '../kernel/iced.js';
import { placeBytes, type IndexIntoPlaceTable } from './places.js';
import { touchesSite, type PatchSites } from './sites.js';
import { targetOffset, targetSubject, type Target, type TargetResolver } from './targets.js';

// Bits of `Sequence.flags`:
/** A direct call or jump to somewhere else. */
export const leavesFunction = 1;
/** A direct jump within the function. */
export const isLocalBranch = 2;
/** In `.parainstructions`, or refers to pv_ops. */
export const atParavirt = 4;
/** In `.altinstructions`. */
export const atAlternative = 8;
/** In the jump table. */
export const atStaticKey = 16;
/** An operand is relative to the stack pointer, or changes it. */
export const usesStack = 32;
/** Push, pop, or a move between registers. */
export const isMove = 64;

/**
 * A function's instructions as columns, with three keys that are equal for
 * instructions that are equal in ever fewer respects. Fill is left out: nops that
 * no patch site covers, which align loops and jump targets.
 */
export interface Sequence {
  length: number;
  /** From the function's start. */
  offset: Int32Array;
  size: Uint8Array;
  /** Everything, address fields by what they lead to. Jumps within the function are all the same. */
  exact: Float64Array;
  /** The same without what address fields lead to: registers, immediates, displacements. */
  constants: Float64Array;
  /** Mnemonic, kinds of operands and registers: no immediates, displacements, targets. */
  shape: Float64Array;
  /** Mnemonic and kinds of operands: no registers either. */
  loose: Float64Array;
  /** Of the address field, without the distance into a function; NaN where there is none. */
  target: Float64Array;
  /** Of a jump within the function, the offset it leads to; -1 for everything else. */
  jump: Int32Array;
  flags: Uint8Array;
}

/** Decodes one function. `pvOps` is the subject of the object `pv_ops`, -1 where there is none. */
export function readSequence(
  resolver: TargetResolver,
  row: IndexIntoPlaceTable,
  sites: PatchSites,
  pvOps: number,
): Sequence {
  const { image, places, fields } = resolver.side;
  const bytes = placeBytes(image, places.table, row);
  const start = places.table.start[row]!;
  const sequence = emptySequence(bytes.length);
  const reader = { bytes, resolver };
  let field = firstFieldFrom(fields, start);
  withDecoder(bytes, image.width, (decoding) => {
    const { decoder, instruction } = decoding;
    for (let offset = 0; offset < bytes.length;) {
      decoder.decodeOut(instruction);
      const size = instruction.length;
      if (size === 0) break;
      const from = field;
      while (field < fields.length && fields.start[field]! < start + offset + size) field++;
      const flags =
        (touchesSite(sites.paravirt, start + offset, start + offset + size) ? atParavirt : 0) |
        (touchesSite(sites.alternative, start + offset, start + offset + size)
          ? atAlternative
          : 0) |
        (touchesSite(sites.staticKey, start + offset, start + offset + size) ? atStaticKey : 0);
      addInstruction(sequence, decoding, reader, offset, start, from, field, flags, pvOps);
      offset += size;
    }
  });
  return trimmed(sequence);
}

/** Columns are made for one instruction a byte; they are cut to what was found. */
function trimmed(sequence: Sequence): Sequence {
  const { length } = sequence;
  return {
    length,
    offset: sequence.offset.slice(0, length),
    size: sequence.size.slice(0, length),
    exact: sequence.exact.slice(0, length),
    constants: sequence.constants.slice(0, length),
    shape: sequence.shape.slice(0, length),
    loose: sequence.loose.slice(0, length),
    target: sequence.target.slice(0, length),
    jump: sequence.jump.slice(0, length),
    flags: sequence.flags.slice(0, length),
  };
}

function emptySequence(most: number): Sequence {
  return {
    length: 0,
    offset: new Int32Array(most),
    size: new Uint8Array(most),
    exact: new Float64Array(most),
    constants: new Float64Array(most),
    shape: new Float64Array(most),
    loose: new Float64Array(most),
    target: new Float64Array(most),
    jump: new Int32Array(most),
    flags: new Uint8Array(most),
  };
}

function addInstruction(
  sequence: Sequence,
  { instruction }: Decoding,
  { bytes, resolver }: { bytes: Uint8Array; resolver: TargetResolver },
  offset: Bytes,
  start: number,
  fromField: IndexIntoFieldTable,
  endField: IndexIntoFieldTable,
  siteFlags: number,
  pvOps: number,
): void {
  const { Mnemonic, OpKind, Register } = iced();
  const { mnemonic, length: size, opCount } = instruction;
  if (mnemonic === Mnemonic.Nop && siteFlags === 0) return;
  const { fields } = resolver.side;
  let flags = siteFlags;
  let loose = mixed(seed, mnemonic);
  let shape = loose;
  let registers = 0;
  for (let operand = 0; operand < opCount; operand++) {
    const kind = instruction.opKind(operand);
    if (kind === OpKind.Register) {
      registers++;
      const register = instruction.opRegister(operand);
      shape = mixed(shape, 0x10000 + register);
      if (register === Register.RSP || register === Register.ESP) flags |= usesStack;
      loose = mixed(loose, 1);
    } else if (kind === OpKind.Memory) {
      const base = instruction.memoryBase;
      shape = mixed(shape, 0x20000 + base);
      shape = mixed(shape, instruction.memoryIndex * 16 + instruction.memoryIndexScale);
      shape = mixed(shape, instruction.memorySegment);
      if (base === Register.RSP || base === Register.ESP) flags |= usesStack;
      loose = mixed(loose, 0x30000 + instruction.memorySize);
    } else if (kind <= OpKind.NearBranch64) {
      flags |= fromField < endField ? leavesFunction : isLocalBranch;
      loose = mixed(loose, 2);
    } else if (kind >= OpKind.Immediate8 && kind <= OpKind.Immediate32to64) {
      loose = mixed(loose, 3);
    } else {
      loose = mixed(loose, 0x40000 + kind);
    }
  }
  shape = mixed(shape, loose);
  const moves = mnemonic === Mnemonic.Mov && registers === 2;
  if (moves || mnemonic === Mnemonic.Push || mnemonic === Mnemonic.Pop) flags |= isMove;

  let target = NaN;
  let encoded = mixed(shape, 0x50000);
  let led = 0;
  // A branch's opcode says how far it reaches, which is a matter of addresses too.
  const isBranch = (flags & (isLocalBranch | leavesFunction)) !== 0;
  let at = offset;
  for (let field = fromField; field < endField; field++) {
    const fieldStart = fields.start[field]! - start;
    for (; at < fieldStart && !isBranch; at++) encoded = mixed(encoded, bytes[at]!);
    at = fieldStart + fields.size[field]!;
    target = withoutDistance(resolver, resolver.of(field));
    if (targetSubject(target) === pvOps) flags |= atParavirt;
    led = mixed(mixed(led, target | 0), Math.floor(target / 2 ** 32));
  }
  for (; at < offset + size && !isBranch; at++) encoded = mixed(encoded, bytes[at]!);
  const exact = mixed(mixed(led, encoded | 0), Math.floor(encoded / 2 ** 32));
  const constants = fromField < endField || isBranch ? encoded : valuesOf(instruction, shape);
  const i = sequence.length++;
  sequence.offset[i] = offset;
  sequence.size[i] = size;
  sequence.exact[i] = exact;
  sequence.constants[i] = constants;
  sequence.shape[i] = shape;
  sequence.loose[i] = loose;
  sequence.target[i] = target;
  sequence.jump[i] = flags & isLocalBranch ? Number(instruction.nearBranchTarget) : -1;
  sequence.flags[i] = flags;
}

/** Immediates and displacement, whatever their encoding: `xor %eax,%eax` has two. */
function valuesOf(instruction: Iced.Instruction, shape: number): number {
  const { OpKind } = iced();
  let values = mixed(shape, 0x60000);
  const mix = (value: bigint): void => {
    values = mixed(values, Number(BigInt.asIntN(32, value)));
    values = mixed(values, Number(BigInt.asIntN(32, value >> 32n)));
  };
  for (let operand = 0; operand < instruction.opCount; operand++) {
    const kind = instruction.opKind(operand);
    if (kind === OpKind.Memory) mix(instruction.memoryDisplacement);
    if (kind >= OpKind.Immediate8 && kind <= OpKind.Immediate32to64) {
      mix(instruction.immediate(operand));
    }
  }
  return values;
}

/** Where code refers into a function, how far is decided by that function's own alignment. */
function withoutDistance({ isFunction }: TargetResolver, target: Target): Target {
  const offset = targetOffset(target);
  return offset === 0 || !isFunction(targetSubject(target)) ? target : target - offset + 1;
}

const seed = 0x811c9dc5;

/** Mixes 32 bits into a hash of 52, which a double holds. */
function mixed(hash: number, value: number): number {
  const low = Math.imul((hash | 0) ^ value, 0x9e3779b1);
  const high = Math.imul(Math.floor(hash / 2 ** 32) ^ value ^ (low >>> 15), 0x85ebca6b);
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}
