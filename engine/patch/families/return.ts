import { addressOfName } from '../../kernel/names.js';
import type { PatchKernel } from '../kernel.js';
import type { PatchedText, PatchFamily, SiteResolver, SiteTable, Target } from '../types.js';
import { readDistances } from './boot-table.js';
import { jumpOpcode, nearBranch, nearTarget, returnOpcode } from './instructions.js';
import { returnJump } from './return-jump.js';
import { currentBytes, refuseOverlaps, refuseShape } from './site-rows.js';

const thunk = '__x86_return_thunk';

/** `ret; int3; int3; int3; int3`: as long as the jump that was there. */
const plainReturn = Uint8Array.of(returnOpcode, 0xcc, 0xcc, 0xcc, 0xcc);

function read(kernel: PatchKernel): SiteTable | undefined {
  const table = { section: '.return_sites', of: 'cpu_wants_rethunk' };
  const bounds = { start: '__return_sites', end: '__return_sites_end' };
  const sites = readDistances(kernel, { ...table, ...bounds }, plainReturn.length);
  if (sites) refuseOverlaps(table.section, sites);
  return sites;
}

const describe = (): string => thunk;

/**
 * apply_returns(): `jmp __x86_return_thunk` becomes a jump to the thunk that the processor needs, or
 * a plain return. Static call trampolines that return are among the sites; those that were changed
 * before, by static_call_update(), come out as the static-call family makes them.
 */
function resolver(target: Target, sites: SiteTable, text: PatchedText): SiteResolver {
  const { kernel } = text;
  const generic = addressOfName(kernel.names, thunk);
  const jumpOf = returnJump(kernel, target);
  return (i) => {
    const address = sites.address[i]!;
    const now = currentBytes(text, sites, i);
    if (now[0] !== jumpOpcode || nearTarget(address, now) !== generic) {
      refuseShape('return', address, now, `jmp ${thunk}`);
    }
    const needed = jumpOf(address);
    const bytes = needed === null ? plainReturn : nearBranch(jumpOpcode, address, needed);
    text.put(address, bytes, { family: 'return', index: i });
  };
}

/** Returns by way of a thunk (-mfunction-return=thunk-extern). */
export const returns: PatchFamily = {
  name: 'return',
  summary: 'returns by way of a return thunk',
  learntFrom: ['arch/x86/kernel/alternative.c', 'arch/x86/kernel/static_call.c'],
  support: { '6.1': 'proved', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
