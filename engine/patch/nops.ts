import { addressOfName } from '../kernel/names.js';
import { sectionAt } from '../kernel/sections.js';
import { withDecoder, type Decoding } from '../kernel/iced.js';
import type { Bytes } from '../units.js';
import { shortJumpOpcode, jumpOpcode, viewOf } from './families/instructions.js';
import type { PatchKernel } from './kernel.js';

/** `x86_nops`: the one NOP of each length, from 1 up; index 0 is empty. */
export type Nops = readonly Uint8Array[];

export const nop1 = 0x90;
const int3 = 0xcc;

/** BYTES_NOP1 to BYTES_NOP11 of asm/nops.h for 64 bits; Linux 6.1 goes to 8, 6.4 to 11. */
const nopBytes = [
  [],
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0x00],
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x66, 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
].map((bytes) => Uint8Array.from(bytes));

/** asm/nops.h has never had longer ones than these. */
const longestEver: Bytes = 15;

/**
 * The NOPs of a kernel: its own `x86_nops`, an array of pointers into one string of bytes in which
 * each follows the next shorter one; where it has no such name, those of its time.
 * @param newer whether it is of Linux 6.4 or later
 */
export function nopsOf(kernel: PatchKernel, newer: boolean): Nops {
  return ownNops(kernel) ?? nopBytes.slice(0, newer ? 12 : 9);
}

function ownNops({ names, sections }: PatchKernel): Nops | undefined {
  const table = addressOfName(names, 'x86_nops');
  const holder = table === undefined ? undefined : sections[sectionAt(sections, table)];
  if (table === undefined || !holder) return undefined;
  const pointers = viewOf(holder.bytes, Math.min(table - holder.start, holder.bytes.length));
  const nops: Uint8Array[] = [Uint8Array.of()];
  let expected: number | undefined;
  for (let size = 1; size <= longestEver && 8 * size + 8 <= pointers.byteLength; size++) {
    const at = Number(pointers.getBigInt64(8 * size, true));
    const section = sections[sectionAt(sections, at)];
    if (!section || (expected !== undefined && at !== expected)) break;
    const bytes = section.bytes.subarray(at - section.start, at - section.start + size);
    if (bytes.length < size) break;
    nops.push(bytes);
    expected = at + size;
  }
  return nops.length > 1 && nops[1]![0] === nop1 ? nops : undefined;
}

/** add_nops() until Linux 6.3: the longest NOPs first, what is left last. */
export function fillWithNops(nops: Nops, bytes: Uint8Array): void {
  const longest = nops.length - 1;
  for (let at = 0; at < bytes.length;) {
    const nop = nops[Math.min(longest, bytes.length - at)]!;
    bytes.set(nop, at);
    at += nop.length;
  }
}

/** add_nop() since Linux 6.4: one instruction, and a jump over INT3s where no NOP is that long. */
function fillWithOneNop(nops: Nops, bytes: Uint8Array): void {
  const size = bytes.length;
  if (size < nops.length) {
    bytes.set(nops[size]!);
    return;
  }
  bytes.fill(int3);
  if (size < 128) bytes.set([shortJumpOpcode, size - 2]);
  else {
    bytes[0] = jumpOpcode;
    viewOf(bytes).setInt32(1, size - 5, true);
  }
}

/** Decodes ahead of the range, as the kernel's decoder does: no instruction is longer. */
export const lookAhead: Bytes = 15;

/**
 * optimize_nops() until Linux 6.3: every run of single-byte NOPs becomes the longest NOPs.
 * @param code  the range, and what follows it for the decoder; rewritten up to `length`
 */
export function joinSingleNops(nops: Nops, code: Uint8Array, length: Bytes): void {
  withDecoder(code, 64, (decoding) => {
    for (let at = 0; at < length;) {
      const size = lengthAt(decoding, at);
      if (size === 0) return;
      if (size !== 1 || code[at] !== nop1) {
        at += size;
        continue;
      }
      let end = at;
      while (end < length && code[end] === nop1) end++;
      if (end - at > 1) fillWithNops(nops, code.subarray(at, end));
      at = end;
    }
  });
}

/** optimize_nops() since Linux 6.4: every run of NOPs of any length becomes one instruction. */
export function joinNops(nops: Nops, code: Uint8Array, length: Bytes): void {
  withDecoder(code, 64, (decoding) => {
    for (let at = 0; at < length;) {
      const size = lengthAt(decoding, at);
      if (size === 0) return;
      let end = at + size;
      if (isNop(code.subarray(at, end))) {
        // A single instruction that reaches to the end is as good as it gets.
        if (end === length) return;
        while (end < length) {
          const next = lengthAt(decoding, end);
          if (next === 0 || !isNop(code.subarray(end, end + next))) break;
          end += next;
        }
        fillWithOneNop(nops, code.subarray(at, end));
      }
      at = end;
    }
  });
}

function lengthAt({ decoder, instruction }: Decoding, at: Bytes): Bytes {
  decoder.position = at;
  decoder.decodeOut(instruction);
  return instruction.isInvalid ? 0 : instruction.length;
}

/** insn_is_nop(): NOP and NOPL with any prefixes but REP (that is PAUSE). */
function isNop(instruction: Uint8Array): boolean {
  const at = opcodeOffset(instruction);
  if (instruction[at] === nop1) return instruction[0] !== 0xf3;
  return instruction[at] === 0x0f && instruction[at + 1] === 0x1f;
}

const prefixes = new Set([
  ...[0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67],
  ...[0xf0, 0xf2, 0xf3],
]);

/** Where the opcode begins, behind legacy prefixes and REX. */
export function opcodeOffset(instruction: Uint8Array): Bytes {
  let at = 0;
  while (at < instruction.length && prefixes.has(instruction[at]!)) at++;
  return ((instruction[at] ?? 0) & 0xf0) === 0x40 ? at + 1 : at;
}
