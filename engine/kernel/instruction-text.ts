import type * as Iced from 'iced-x86';
import type { Bytes } from '../units.js';
import { iced } from './iced.js';

/** Stands in for a displacement that is replaced by a name. */
const marker = 0x5ca1ab1e;
const markerText = '0x5ca1ab1e';

/** AT&T syntax, as objdump prints it. To be freed. */
export function createFormatter(): Iced.Formatter {
  const { Formatter, FormatterSyntax } = iced();
  const formatter = new Formatter(FormatterSyntax.Gas);
  formatter.hexPrefix = '0x';
  formatter.uppercaseHex = false;
  formatter.smallHexNumbersInDecimal = false;
  formatter.firstOperandCharIndex = 7;
  return formatter;
}

/**
 * An instruction as text, its address fields by name; a jump without one by its target,
 * `+0x4f` where the decoder counts from 0.
 * @param names of address fields, by their offset in the instruction
 */
export function instructionText(
  formatter: Iced.Formatter,
  decoder: Iced.Decoder,
  instruction: Iced.Instruction,
  names: ReadonlyMap<Bytes, string>,
): string {
  const { OpKind } = iced();
  const isBranch =
    instruction.opCount > 0 &&
    instruction.op0Kind >= OpKind.NearBranch16 &&
    instruction.op0Kind <= OpKind.NearBranch64;
  const offsets = decoder.getConstantOffsets(instruction);
  const displacement = names.get(offsets.displacementOffset);
  const immediate = names.get(offsets.immediateOffset);
  const [hasDisplacement, hasImmediate] = [offsets.hasDisplacement, offsets.hasImmediate];
  offsets.free();
  const isRelative = instruction.isIpRelMemoryOperand;
  if (hasDisplacement && displacement !== undefined) {
    instruction.memoryDisplacement = BigInt(marker);
  }
  let text = formatter.format(instruction);
  if (isBranch) {
    const target = immediate ?? `+0x${instruction.nearBranchTarget.toString(16)}`;
    return text.replace(/0x[0-9a-f]+$/, () => target);
  }
  if (hasDisplacement && displacement !== undefined) {
    const name = isRelative ? `${displacement}(%rip)` : displacement;
    text = text.replace(markerText, () => name);
  }
  if (hasImmediate && immediate !== undefined) {
    text = text.replace(/\$-?0x[0-9a-f]+/, () => `$${immediate}`);
  }
  return text;
}
