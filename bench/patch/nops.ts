import { signedAddress, type SignedAddress } from '../../engine/kernel/address.js';
import { iced, withDecoder } from '../../engine/kernel/iced.js';
import type { PatchKernel } from '../../engine/patch/kernel.js';
import type { KernelMemory } from '../../engine/patch/types.js';
import type { Bytes } from '../../engine/units.js';

/** No-ops of a kernel's code as it is after boot. */
export interface Nops {
  /** Code that was looked at: `.text`, what fills it up included. */
  text: Bytes;
  /** Of that, no-ops, those between functions included, which nobody executes. */
  size: Bytes;
  /** Of each, ascending. */
  address: Float64Array;
}

/** Finds the no-ops in a booted kernel's text, of whatever length. */
export function nopsIn({ sections, text }: PatchKernel, memory: KernelMemory): Nops {
  const found: SignedAddress[] = [];
  const { Mnemonic } = iced();
  let [looked, size] = [0, 0];
  for (const section of sections) {
    const start = Math.max(section.start, text.start);
    const end = Math.min(section.start + section.bytes.length, text.end);
    if (!section.executable || start >= end) continue;
    looked += end - start;
    withDecoder(memory.read(start, end - start, section.name), 64, ({ decoder, instruction }) => {
      decoder.ip = BigInt.asUintN(64, BigInt(start));
      while (decoder.canDecode) {
        decoder.decodeOut(instruction);
        if (instruction.mnemonic !== Mnemonic.Nop) continue;
        found.push(signedAddress(instruction.ip));
        size += instruction.length;
      }
    });
  }
  return { text: looked, size, address: Float64Array.from(found) };
}
