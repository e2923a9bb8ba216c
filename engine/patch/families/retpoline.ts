import { patchErrors } from '../../errors/patch.js';
import type { SignedAddress } from '../../kernel/address.js';
import { addressOfName } from '../../kernel/names.js';
import type { Bytes } from '../../units.js';
import { joinsAllNops } from '../alternatives/resolve.js';
import { readAlternatives } from '../alternatives/table.js';
import { bytesAt, type PatchKernel } from '../kernel.js';
import { joinNops, joinSingleNops, nop1, nopsOf, opcodeOffset } from '../nops.js';
import { readCapabilities } from '../target/capabilities.js';
import { featureNumber } from '../target/feature-names.js';
import type {
  IndexIntoSiteTable,
  PatchedText,
  PatchFamily,
  SiteResolver,
  SiteTable,
  Target,
} from '../types.js';
import { readDistances } from './boot-table.js';
import { callOpcode, isConditionalJump, jumpOpcode, nearTarget, viewOf } from './instructions.js';
import { currentBytes, refuseOverlaps, refuseShape } from './site-rows.js';

/** `.retpoline_sites`: branches to a thunk that branches to where a register points. */
export interface RetpolineSites extends SiteTable {
  /** Number of the register, as in ModRM with REX.B. */
  register: Uint8Array;
}

const registers = [
  ...['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi'],
  ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
];

/** RETPOLINE_THUNK_SIZE, and the distance between ITS thunks (asm/nospec-branch.h). */
const thunkSize: Bytes = 32;
const itsThunkSize: Bytes = 64;

const int3 = 0xcc;
const lfence = [0x0f, 0xae, 0xe8];
/** Tells the assembler's `call` from a longer one: the compiler pads with it (-mindirect-branch-cs-prefix). */
const csPrefix = 0x2e;

const thunks = '__x86_indirect_thunk_array';

function read(kernel: PatchKernel): RetpolineSites | undefined {
  const table = { section: '.retpoline_sites', of: thunks };
  const bounds = { start: '__retpoline_sites', end: '__retpoline_sites_end' };
  const sites = readDistances(kernel, { ...table, ...bounds }, 5);
  if (!sites) return undefined;
  const register = new Uint8Array(sites.length);
  for (let i = 0; i < sites.length; i++) {
    const address = sites.address[i]!;
    const first = bytesAt(kernel, address, 2, 'a retpoline site');
    const isLong = first[0] === csPrefix || isConditionalJump(first);
    sites.size[i] = isLong ? 6 : 5;
    const code = bytesAt(kernel, address, sites.size[i]!, 'a retpoline site');
    register[i] = registerOf(kernel, address, code);
  }
  const known = { ...sites, register };
  refuseOverlaps(table.section, known);
  return known;
}

/** @throws patch-shape-unknown */
function registerOf(kernel: PatchKernel, address: SignedAddress, code: Uint8Array): number {
  const opcode = code[opcodeOffset(code)];
  const isBranch = opcode === callOpcode || opcode === jumpOpcode || isConditionalJump(code);
  const array = addressOfName(kernel.names, thunks);
  const number =
    isBranch && array !== undefined ? (nearTarget(address, code) - array) / thunkSize : -1;
  // Nobody calls where the stack pointer points; the kernel stops at such a site.
  if (Number.isInteger(number) && number >= 0 && number < 16 && number !== 4) return number;
  return refuseShape('retpoline', address, code, `a call or jump to a thunk of ${thunks}`);
}

function describe(
  _kernel: PatchKernel,
  { register }: RetpolineSites,
  i: IndexIntoSiteTable,
): string {
  return `__x86_indirect_thunk_${registers[register[i]!]!}`;
}

/** What the processor needs, as spectre_v2= and its relatives left it. */
interface Needs {
  lfence: boolean;
  /** Array of thunks for branches in the lower half of a cache line; undefined where they are safe. */
  itsThunks: SignedAddress | undefined;
}

/** apply_retpolines(). Nothing becomes of them where the thunks are needed (spectre_v2=retpoline). */
function resolver(
  target: Target,
  sites: RetpolineSites,
  text: PatchedText,
): SiteResolver | undefined {
  const { kernel } = text;
  const capabilities = readCapabilities(kernel, target);
  const has = (name: string): boolean => {
    const number = featureNumber(kernel, name, 'retpoline');
    return number !== undefined && capabilities.has(number);
  };
  const needs: Needs = {
    lfence: has('RETPOLINE_LFENCE'),
    itsThunks: has('INDIRECT_THUNK_ITS')
      ? addressOfName(kernel.names, '__x86_indirect_its_thunk_array')
      : undefined,
  };
  if (has('RETPOLINE') && !needs.lfence) {
    if (!has('CALL_DEPTH')) return undefined;
    throw patchErrors.algorithmUnknown({
      ...{ family: 'retpoline', file: kernel.label },
      why: 'with retbleed=stuff it branches to thunks that it makes at boot',
    });
  }
  const isNewer = joinsAllNops(kernel, readAlternatives(kernel), 'retpoline');
  const join = isNewer ? joinNops : joinSingleNops;
  const nops = nopsOf(kernel, isNewer);
  return (i) => {
    const address = sites.address[i]!;
    const now = currentBytes(text, sites, i);
    if (registerOf(kernel, address, now) !== sites.register[i]) {
      refuseShape('retpoline', address, now, 'the branch that the file has there');
    }
    const bytes = inlined(address, now, sites.register[i], needs);
    if (bytes === undefined) return;
    join(nops, bytes, bytes.length);
    text.put(address, bytes, { family: 'retpoline', index: i });
  };
}

/**
 * patch_retpoline(): the indirect branch itself, behind an LFENCE if need be; a conditional jump
 * becomes one over it. Undefined where that has no room, which leaves the thunk.
 */
function inlined(
  address: SignedAddress,
  now: Uint8Array,
  register: number,
  needs: Needs,
): Uint8Array | undefined {
  const isConditional = isConditionalJump(now);
  const isJump = isConditional || now[opcodeOffset(now)] === jumpOpcode;
  const bytes: number[] = [];
  if (isConditional) bytes.push(0x70 | ((now[1]! & 0xf) ^ 1), now.length - 2);
  if (needs.lfence) bytes.push(...lfence);
  const lastByte = address + bytes.length + (register < 8 ? 1 : 2);
  if (needs.itsThunks !== undefined && (lastByte & 0x20) === 0) {
    return toThunk(address, now, needs.itsThunks + itsThunkSize * register);
  }
  if (register >= 8) bytes.push(0x41);
  bytes.push(0xff, (isJump ? 0xe0 : 0xd0) | (register & 7));
  if (isJump && bytes.length < now.length) bytes.push(int3);
  while (bytes.length < now.length) bytes.push(nop1);
  return bytes.length === now.length ? Uint8Array.from(bytes) : undefined;
}

/** The same branch, to another thunk. */
function toThunk(address: SignedAddress, now: Uint8Array, thunk: SignedAddress): Uint8Array {
  const bytes = Uint8Array.from(now);
  viewOf(bytes).setInt32(bytes.length - 4, thunk - address - bytes.length, true);
  return bytes;
}

/** Calls and jumps through a retpoline, which become plain indirect ones where Spectre is no concern. */
export const retpoline: PatchFamily<RetpolineSites> = {
  name: 'retpoline',
  summary: 'indirect calls and jumps by way of a retpoline',
  learntFrom: ['arch/x86/kernel/alternative.c', 'arch/x86/lib/retpoline.S'],
  support: { '6.1': 'proved', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
