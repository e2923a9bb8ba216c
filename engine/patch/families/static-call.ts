import { addressText, signedAddress, type SignedAddress } from '../../kernel/address.js';
import { addressOfName, nameOfAddress } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { bytesAt, type PatchKernel } from '../kernel.js';
import type {
  FinalData,
  IndexIntoSiteTable,
  PatchFamily,
  PatchedText,
  SiteResolver,
  Target,
} from '../types.js';
import {
  callOpcode,
  isConditionalJump,
  jumpOpcode,
  nearBranch,
  nop5,
  returnOpcode,
  sameBytes,
  viewOf,
} from './instructions.js';
import { returnJump, type ReturnJump } from './return-jump.js';
import { currentBytes, dataName, isCode, refuseShape, staysInText } from './site-rows.js';
import { readStaticCalls, siteKinds, type StaticCallSites } from './static-call-table.js';

/** xor5rax: `cs cs cs xorl %eax,%eax`, what a call of __static_call_return0() becomes. */
const returnZero = Uint8Array.of(0x2e, 0x2e, 0x2e, 0x31, 0xc0);
/** The same until Linux 5.17: `data16 data16 xorq %rax,%rax`. */
const olderReturnZero = Uint8Array.of(0x66, 0x66, 0x48, 0x31, 0xc0);
/** retinsn. */
const returnFilled = Uint8Array.of(returnOpcode, 0xcc, 0xcc, 0xcc, 0xcc);

/**
 * What the call is: `x86_pmu_add`, as static_call() has it. From the trampoline's symbol, which is
 * code, and so is there when kallsyms has functions only.
 */
function callName(kernel: PatchKernel, sites: StaticCallSites, i: IndexIntoSiteTable): string {
  const trampoline = nameOfAddress(kernel.names, sites.trampoline[i]!);
  const name =
    trampoline?.offset === 0 && trampoline.name.startsWith('__SCT__')
      ? trampoline.name
      : dataName(kernel, sites.key[i]!);
  return name.replace(/^__SC[TK]__/, '');
}

function resolver(target: Target, sites: StaticCallSites, text: PatchedText): SiteResolver {
  const { kernel } = text;
  const zero = addressOfName(kernel.names, '__static_call_return0');
  const returnJumpOf = returnJump(kernel, target);
  return (i) => {
    const [address, key] = [sites.address[i]!, sites.key[i]!];
    if (!staysInText(kernel, address)) return;
    const initial = initially(kernel, key);
    const callee = calleeIn(target, key);
    if (callee !== null && !isCode(kernel.sections, callee, 1)) {
      refuseShape('static-call', address, currentBytes(text, sites, i), calleeMissing(callee));
    }
    const bytes = { call, 'tail-call': jump, 'conditional-tail-call': branch, trampoline: jump };
    const kind = siteKinds[sites.kind[i]!]!;
    // A trampoline is rewritten by static_call_update() only; by then the first function differed.
    if (kind === 'trampoline' && callee === initial && callee !== null) return;
    const site = {
      name: callName(kernel, sites, i),
      address,
      callee,
      initial,
      zero,
      returnJumpOf,
      now: currentBytes(text, sites, i),
      text,
    };
    const made = bytes[kind](site, kind === 'trampoline');
    if (made) text.put(address, made, { family: 'static-call', index: i });
  };
}

function calleeMissing(callee: SignedAddress): string {
  return `a call of a function of the kernel: its key holds ${addressText(callee)}`;
}

interface Site {
  name: string;
  address: SignedAddress;
  /** Null for a call that does nothing. */
  callee: SignedAddress | null;
  initial: SignedAddress | null;
  /** __static_call_return0(). */
  zero: SignedAddress | undefined;
  returnJumpOf: ReturnJump;
  now: Uint8Array;
  text: PatchedText;
}

/** CALL, or NOP where there is nothing to call. */
function call({ address, callee, zero, now, text }: Site): Uint8Array {
  const isOurs =
    now[0] === callOpcode ||
    [nop5, returnZero, olderReturnZero].some((known) => sameBytes(now, known));
  if (!isOurs) refuseShape('static-call', address, now, 'a call or its NOP');
  if (callee === null) return nop5;
  if (callee !== zero) return nearBranch(callOpcode, address, callee);
  return isBefore518(text.kernel.version) ? olderReturnZero : returnZero;
}

function isBefore518(version: string | null): boolean {
  const [major = 6, minor = 0] = (version ?? '').split('.').map(Number);
  return major < 5 || (major === 5 && minor < 18);
}

/**
 * Calls that sched_init() turns off (preempt_dynamic_init() of kernel/sched/core.c), before the kernel
 * knows that it needs a return thunk.
 */
const updatedEarly: ReadonlySet<string> = new Set([
  ...['cond_resched', 'might_resched', 'preempt_schedule', 'preempt_schedule_notrace'],
  'irqentry_exit_cond_resched',
]);

/** JMP, or RET where there is nothing to call. */
function jump(site: Site, isTrampoline: boolean): Uint8Array | undefined {
  const { name, address, callee, initial, returnJumpOf, now, text } = site;
  if (now[0] !== jumpOpcode && now[0] !== returnOpcode) {
    refuseShape('static-call', address, now, 'a jump or a ret');
  }
  if (callee !== null) return nearBranch(jumpOpcode, address, callee);
  const thunk = (): SignedAddress | null => returnJumpOf(address);
  // Since Linux 6.12 apply_returns() has all sites written again, by mitigations that are chosen then.
  if (!isTrampoline && text.kernel.names.row.has('static_call_force_reinit')) {
    return returning(address, thunk());
  }
  if (initial !== null) return returning(address, updatedEarly.has(name) ? null : thunk());
  // Never updated. A site was written by static_call_init(), which runs before mitigations are
  // chosen; a trampoline with a return thunk was fixed up by apply_returns(), another never written.
  if (!isTrampoline) return returnFilled;
  return now[0] === jumpOpcode ? returning(address, thunk()) : undefined;
}

function returning(address: SignedAddress, thunk: SignedAddress | null): Uint8Array {
  return thunk === null ? returnFilled : nearBranch(jumpOpcode, address, thunk);
}

/** JCC: keeps its condition; to a function that returns where there is nothing to call. */
function branch({ address, callee, returnJumpOf, now, text }: Site): Uint8Array {
  if (!isConditionalJump(now)) refuseShape('static-call', address, now, 'a conditional jump');
  const { kernel } = text;
  const hasThunk = returnJumpOf(address) !== null;
  const nothing = hasThunk ? '__x86_return_thunk' : '__static_call_return';
  const to = callee ?? addressOfName(kernel.names, nothing);
  if (to === undefined) return refuseShape('static-call', address, now, `a jump to ${nothing}()`);
  const bytes = now.slice();
  viewOf(bytes).setInt32(2, to - address - bytes.length, true);
  return bytes;
}

/** static_call_key.func, the first member. */
const calleeSize: Bytes = 8;

function calleeIn({ memory }: Target, key: SignedAddress): SignedAddress | null {
  return pointer(memory.read(key, calleeSize, 'a static call key'));
}

function initially(kernel: PatchKernel, key: SignedAddress): SignedAddress | null {
  return isInFile(kernel, key) ? pointer(bytesAt(kernel, key, calleeSize, 'a key')) : null;
}

function isInFile({ sections }: PatchKernel, key: SignedAddress): boolean {
  return (sections[sectionAt(sections, key)]?.bytes.length ?? 0) > 0;
}

function pointer(bytes: Uint8Array): SignedAddress | null {
  const value = signedAddress(viewOf(bytes).getBigUint64(0, true));
  return value === 0 ? null : value;
}

/** Calls whose function at the end is not the one that the file begins with. */
function finalData(kernel: PatchKernel, target: Target, sites: StaticCallSites): FinalData[] {
  const found = new Map<SignedAddress, FinalData>();
  for (let i = 0; i < sites.length; i++) {
    const key = sites.key[i]!;
    const subject = callName(kernel, sites, i);
    if (found.has(key) || !staysInText(kernel, sites.address[i]!)) continue;
    if (initially(kernel, key) === calleeIn(target, key)) continue;
    const bytes = target.memory.read(key, calleeSize, 'a static call key').slice();
    const inFile = isInFile(kernel, key);
    found.set(key, { subject, address: key, bytes, what: 'static_call_key.func', inFile });
  }
  return [...found.values()];
}

/** static_call(): a direct call of what a key points at, and the trampolines in between. */
export const staticCall: PatchFamily<StaticCallSites> = {
  name: 'static-call',
  summary: 'calls through static_call(): direct, a NOP, or nothing but "return 0"',
  learntFrom: [
    'kernel/static_call_inline.c',
    'arch/x86/kernel/static_call.c',
    'arch/x86/include/asm/static_call.h',
    'include/linux/static_call_types.h',
  ],
  support: { '6.1': 'proved', '6.12': 'listed' },
  read: readStaticCalls,
  describe: callName,
  ...{ resolver, finalData },
};
