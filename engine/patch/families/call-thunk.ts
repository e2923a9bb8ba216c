import { patchErrors } from '../../errors/patch.js';
import { placeText } from '../../kernel/names.js';
import { bytesAt, type PatchKernel } from '../kernel.js';
import { readCapabilities } from '../target/capabilities.js';
import { featureNumber } from '../target/feature-names.js';
import type { IndexIntoSiteTable, PatchFamily, PatchedText, SiteTable, Target } from '../types.js';
import { readDistances } from './boot-table.js';
import { callOpcode, jumpOpcode, nearTarget } from './instructions.js';

/** `call rel32` or `jmp rel32`. */
const branchSize = 5;

function read(kernel: PatchKernel): SiteTable | undefined {
  const table = { section: '.call_sites', of: 'callthunks_patch_builtin_calls' };
  const bounds = { start: '__call_sites', end: '__call_sites_end' };
  return readDistances(kernel, { ...table, ...bounds }, branchSize);
}

/** The function that is called. */
function describe(kernel: PatchKernel, sites: SiteTable, i: IndexIntoSiteTable): string {
  const address = sites.address[i]!;
  const code = bytesAt(kernel, address, branchSize, 'a call site');
  const isBranch = code[0] === callOpcode || code[0] === jumpOpcode;
  return placeText(kernel.names, isBranch ? nearTarget(address, code) : address);
}

/**
 * callthunks_patch_builtin_calls() leaves all calls as they are, unless retbleed=stuff made the kernel
 * count them (X86_FEATURE_CALL_DEPTH). The thunks that it builds then are not reproduced here.
 * @throws patch-algorithm-unknown then
 */
function resolver(target: Target, _sites: SiteTable, { kernel }: PatchedText): undefined {
  const feature = featureNumber(kernel, 'CALL_DEPTH', 'call-thunk');
  if (feature === undefined || !readCapabilities(kernel, target).has(feature)) return;
  throw patchErrors.algorithmUnknown({
    ...{ family: 'call-thunk', file: kernel.label },
    why: 'with retbleed=stuff it calls thunks that it makes at boot',
  });
}

/** Calls that are counted where the return stack needs stuffing (Linux 6.2 and later). */
export const callThunk: PatchFamily = {
  name: 'call-thunk',
  summary: 'calls that count their depth, with retbleed=stuff',
  learntFrom: ['arch/x86/kernel/callthunks.c'],
  support: { '6.1': 'absent', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
