import { lastNotAbove, type SignedAddress } from '../../kernel/address.js';
import { iced, withDecoder } from '../../kernel/iced.js';
import { addressOfName } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';

/** Where a kernel keeps what it knows of its processor: `boot_cpu_data.x86_capability`. */
export interface CapabilityWords {
  address: SignedAddress;
  /** NCAPINTS + NBUGINTS, words of 32 bits. */
  count: number;
}

/** More than any version has (26 in Linux 6.12). */
const mostWords = 64;

/** Bits of a number in struct alt_instr, where the code does not tell how many there are. */
const highestLimit = mostWords * 32;

/** Longer than any build of apply_alternatives(). */
const longest: Bytes = 4096;

const known = new WeakMap<PatchKernel, CapabilityWords | null>();

/**
 * Reads off apply_alternatives() where the words are: it tests a bit there by number (`bt` with a
 * register, for a number that it has just compared with the limit in a BUG_ON). The structure's
 * layout changes with version and configuration, and this does not. Undefined where no such code is.
 */
export function capabilityWords(kernel: PatchKernel): CapabilityWords | undefined {
  let found = known.get(kernel);
  if (found === undefined) known.set(kernel, (found = findWords(kernel)));
  return found ?? undefined;
}

/** The number that no feature of a kernel reaches. */
export function featureLimit(kernel: PatchKernel): number {
  const words = capabilityWords(kernel);
  return words ? words.count * 32 : highestLimit;
}

function findWords(kernel: PatchKernel): CapabilityWords | null {
  const { sections, names } = kernel;
  const start = addressOfName(names, 'apply_alternatives');
  const section = start === undefined ? undefined : sections[sectionAt(sections, start)];
  if (start === undefined || !section) return null;
  const next = names.start[lastNotAbove(names.start, names.length, start) + 1] ?? Infinity;
  const end = Math.min(next, start + longest, section.start + section.bytes.length);
  const code = section.bytes.subarray(start - section.start, Math.max(start, end) - section.start);
  let address: SignedAddress | undefined;
  let count: number | undefined;
  withDecoder(code, 64, ({ decoder, instruction }) => {
    const { Mnemonic, OpKind } = iced();
    decoder.ip = BigInt.asUintN(64, BigInt(start));
    while (decoder.canDecode) {
      decoder.decodeOut(instruction);
      const { mnemonic } = instruction;
      if (mnemonic === Mnemonic.Bt && instruction.op0Kind === OpKind.Memory) {
        if (instruction.op1Kind !== OpKind.Register) continue;
        address ??= Number(BigInt.asIntN(64, instruction.memoryDisplacement));
      }
      if (mnemonic === Mnemonic.Cmp && instruction.op0Kind === OpKind.Register) {
        count ??= wordsOf(instruction.op1Kind === OpKind.Register ? 0n : instruction.immediate(1));
      }
    }
  });
  if (address === undefined) return null;
  return { address, count: count ?? defaultCount };
}

/** Where the comparison is not recognised: all that has been (22 and 2 words in Linux 6.1). */
const defaultCount = 24;

/** `cmp $0x2ff` (unsigned, jump when not above) or `cmp $0x300`: 24 words. */
function wordsOf(limit: bigint): number | undefined {
  const features = Number(limit % 32n === 31n ? limit + 1n : limit);
  const words = features / 32;
  return Number.isInteger(words) && words >= 16 && words <= mostWords ? words : undefined;
}
