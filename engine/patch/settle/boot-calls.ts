import { patchErrors } from '../../errors/patch.js';
import { signedAddress, type SignedAddress } from '../../kernel/address.js';
import { iced, withDecoder, type Decoding } from '../../kernel/iced.js';
import { addressOfName } from '../../kernel/names.js';
import type { Bytes } from '../../units.js';
import { bytesAt, type PatchKernel } from '../kernel.js';
import type { FamilyName } from '../types.js';

/**
 * The call by which a kernel applies a table at boot, all of them in alternative_instructions()
 * (arch/x86/kernel/alternative.c). Without it the table is never looked at: modules have tables of
 * their own, and the same functions apply those.
 */
const callees: Partial<Record<FamilyName, string>> = {
  paravirt: 'apply_paravirt',
  retpoline: 'apply_retpolines',
  return: 'apply_returns',
  alternative: 'apply_alternatives',
  'call-thunk': 'callthunks_patch_builtin_calls',
  'smp-lock': 'alternatives_smp_module_add',
};

/** Before Linux 6.12 the seals are applied by the first name. */
const endbrCallees = ['apply_ibt_endbr', 'apply_seal_endbr'];

const caller = 'alternative_instructions';

/** Whether the kernel applies a family by such a call. */
export function isAppliedByCall(family: FamilyName): boolean {
  return family === 'endbr' || callees[family] !== undefined;
}

/**
 * Finds the five-byte calls that apply a family.
 * @throws patch-no-name, patch-call-not-found
 */
export function bootCalls(kernel: PatchKernel, family: FamilyName): SignedAddress[] {
  const wanted = family === 'endbr' ? endbrCallees : [callees[family]!];
  const start = addressOfName(kernel.names, caller);
  if (start === undefined) throw patchErrors.noName({ name: caller, file: kernel.label });
  const targets = new Set(wanted.map((name) => addressOfName(kernel.names, name)));
  targets.delete(undefined);
  const found = callsIn(kernel, start, targets as ReadonlySet<SignedAddress>);
  if (found.length === 0) {
    throw patchErrors.callNotFound({ family, callee: wanted.join('() or '), caller });
  }
  return found;
}

/** Longer than any build of the function. */
const longest: Bytes = 4096;

function callsIn(
  kernel: PatchKernel,
  start: SignedAddress,
  targets: ReadonlySet<SignedAddress>,
): SignedAddress[] {
  const { FlowControl } = iced();
  const found: SignedAddress[] = [];
  eachInstruction(kernel, start, ({ instruction }) => {
    if (instruction.flowControl !== FlowControl.Call || instruction.length !== 5) return;
    const target = signedAddress(instruction.nearBranchTarget);
    if (targets.has(target)) found.push(signedAddress(instruction.ip));
  });
  return found;
}

/** A 32-bit field of an instruction, and from where it counts: null for an absolute one. */
export interface AddressOperand {
  field: SignedAddress;
  relativeTo: SignedAddress | null;
}

/**
 * The operand by which an argument of a call is loaded with an address: `mov $end,%rsi`, or
 * `lea end(%rip),%rsi` in kernels that are built to be position independent.
 * @returns undefined where the argument comes about in another way
 */
export function argumentOperand(
  kernel: PatchKernel,
  call: SignedAddress,
  argument: 'second' | 'fourth',
  value: SignedAddress,
): AddressOperand | undefined {
  const { FlowControl, Register } = iced();
  const registers =
    argument === 'second' ? [Register.RSI, Register.ESI] : [Register.RCX, Register.ECX];
  let found: AddressOperand | undefined;
  let isBefore = true;
  eachInstruction(kernel, addressOfName(kernel.names, caller)!, ({ decoder, instruction }) => {
    const at = signedAddress(instruction.ip);
    if (at >= call) isBefore = false;
    if (!isBefore) return;
    // Only straight code in front of the call says what it is called with.
    if (instruction.flowControl !== FlowControl.Next) found = undefined;
    if (!registers.includes(instruction.op0Register)) return;
    found = undefined;
    const offsets = decoder.getConstantOffsets(instruction);
    try {
      if (offsets.hasImmediate && offsets.immediateSize === 4) {
        const immediate = signedAddress(instruction.immediate(1));
        if (immediate !== value) return;
        found = { field: at + offsets.immediateOffset, relativeTo: null };
      } else if (instruction.isIpRelMemoryOperand && offsets.displacementSize === 4) {
        if (signedAddress(instruction.ipRelMemoryAddress) !== value) return;
        found = {
          field: at + offsets.displacementOffset,
          relativeTo: at + instruction.length,
        };
      }
    } finally {
      offsets.free();
    }
  });
  return found;
}

/** Decodes alternative_instructions() from its first to its last instruction. */
function eachInstruction(
  kernel: PatchKernel,
  start: SignedAddress,
  visit: (decoding: Decoding) => void,
): void {
  const code = bytesAt(kernel, start, functionSize(kernel, start), `${caller}()`);
  withDecoder(code, 64, (decoding) => {
    decoding.decoder.ip = BigInt.asUintN(64, BigInt(start));
    while (decoding.decoder.canDecode) {
      decoding.decoder.decodeOut(decoding.instruction);
      visit(decoding);
    }
  });
}

/** To the next name, where the symbol has no size. */
function functionSize({ names }: PatchKernel, start: SignedAddress): Bytes {
  let row = names.row.get(caller)!;
  if (names.size[row]! > 0) return Math.min(names.size[row]!, longest);
  while (row < names.length && names.start[row] === start) row++;
  const end = row < names.length ? names.start[row]! : start + longest;
  return Math.min(end - start, longest);
}
