import type * as Iced from 'iced-x86';
import type { SignedAddress } from '../../kernel/address.js';
import { iced, withDecoder } from '../../kernel/iced.js';
import { createFormatter, instructionText } from '../../kernel/instruction-text.js';
import { placeText } from '../../kernel/names.js';
import { sectionAt, type LoadedSection } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { dataName } from '../families/site-rows.js';
import type { AddressRange, PatchKernel } from '../kernel.js';
import { pvOpsMember } from '../pv-ops.js';

/** One instruction of a kernel's code. */
export interface CodeLine {
  address: SignedAddress;
  size: Bytes;
  /** AT&T syntax, targets by name. */
  text: string;
}

/** Prints a kernel's code. To be freed: see `withCodeText`. */
export interface CodeText {
  /**
   * Decodes instructions until at least `size` bytes are covered, or the bytes end.
   * @param bytes what is at the address; more than `size` where the last instruction may be longer
   * @param within jumps to there are shown by their distance from its start: `jne +0x4f`
   */
  lines(address: SignedAddress, bytes: Uint8Array, size: Bytes, within?: AddressRange): CodeLine[];
}

/** Runs `work` with a printer of code, and frees it. */
export function withCodeText<T>(kernel: PatchKernel, work: (code: CodeText) => T): T {
  const formatter = createFormatter();
  try {
    return work({
      lines: (address, bytes, size, within) => {
        const lines: CodeLine[] = [];
        withDecoder(bytes, 64, ({ decoder, instruction }) => {
          decoder.ip = BigInt.asUintN(64, BigInt(address));
          for (let at = 0; at < size && decoder.canDecode;) {
            decoder.decodeOut(instruction);
            const names = fieldNames(kernel, decoder, instruction, within);
            const text = instruction.isInvalid
              ? '(bad)'
              : instructionText(formatter, decoder, instruction, names).trimEnd();
            lines.push({ address: address + at, size: instruction.length, text });
            if (instruction.length === 0) break;
            at += instruction.length;
          }
        });
        return lines;
      },
    });
  } finally {
    formatter.free();
  }
}

/** Names of what an instruction refers to, by the offset of the field in it. */
function fieldNames(
  kernel: PatchKernel,
  decoder: Iced.Decoder,
  instruction: Iced.Instruction,
  within: AddressRange | undefined,
): Map<Bytes, string> {
  const names = new Map<Bytes, string>();
  const offsets = decoder.getConstantOffsets(instruction);
  if (offsets.hasDisplacement) {
    const name = instruction.isIpRelMemoryOperand
      ? addressName(kernel, signed(instruction.ipRelMemoryAddress))
      : knownAddress(kernel, signed(instruction.memoryDisplacement));
    if (name !== undefined) names.set(offsets.displacementOffset, name);
  }
  if (offsets.hasImmediate) {
    const name = isNearBranch(instruction)
      ? branchTarget(kernel, signed(instruction.nearBranchTarget), within)
      : knownAddress(kernel, wideImmediate(instruction));
    if (name !== undefined) names.set(offsets.immediateOffset, name);
  }
  offsets.free();
  return names;
}

/** An immediate that could hold an address: of 32 bits, sign-extended, or 64; else 0. */
function wideImmediate(instruction: Iced.Instruction): number {
  const { OpKind } = iced();
  for (let i = 0; i < instruction.opCount; i++) {
    const kind = instruction.opKind(i);
    if (kind === OpKind.Immediate32to64 || kind === OpKind.Immediate64) {
      return signed(instruction.immediate(i));
    }
  }
  return 0;
}

function isNearBranch(instruction: Iced.Instruction): boolean {
  return instruction.nearBranchTarget !== 0n;
}

function branchTarget(
  kernel: PatchKernel,
  target: SignedAddress,
  within: AddressRange | undefined,
): string {
  if (within && target >= within.start && target < within.end) {
    return `+0x${(target - within.start).toString(16)}`;
  }
  return addressName(kernel, target);
}

/** A number that lies in the kernel's image can hardly be anything but an address of it. */
function knownAddress(kernel: PatchKernel, value: number): string | undefined {
  const isUpper = value < 0 && sectionAt(kernel.sections, value) >= 0;
  return isUpper ? addressName(kernel, value) : undefined;
}

/** `schedule+0x10`, `pv_ops.mmu.write_cr3`, `.data+0x1230`. */
export function addressName(kernel: PatchKernel, address: SignedAddress): string {
  const section = kernel.sections[sectionAt(kernel.sections, address)];
  if (section?.executable === true) {
    // Code that no symbol covers: the nearest name is that of another section's end.
    const isAnonymous = section.name.startsWith('.altinstr');
    return isAnonymous ? sectionPlace(section, address) : placeText(kernel.names, address);
  }
  return pvOpsMember(kernel, address) ?? dataName(kernel, address);
}

function sectionPlace({ name, start }: LoadedSection, address: SignedAddress): string {
  return address === start ? name : `${name}+0x${(address - start).toString(16)}`;
}

function signed(value: bigint): SignedAddress {
  return Number(BigInt.asIntN(64, value));
}
