import { placeText } from '../../kernel/names.js';
import type { PatchKernel } from '../kernel.js';
import type {
  IndexIntoSiteTable,
  PatchedText,
  PatchFamily,
  SiteResolver,
  SiteTable,
  Target,
} from '../types.js';
import { readDistances } from './boot-table.js';
import { sameBytes } from './instructions.js';
import { currentBytes, refuseOverlaps, refuseShape } from './site-rows.js';

const endbr64 = Uint8Array.of(0xf3, 0x0f, 0x1e, 0xfa);
/** gen_endbr_poison(): `nopw (%rax)`, which no indirect branch may end at. */
const poison = Uint8Array.of(0x66, 0x0f, 0x1f, 0x00);

function read(kernel: PatchKernel): SiteTable | undefined {
  const table = { section: '.ibt_endbr_seal', of: 'ibt_save' };
  const bounds = { start: '__ibt_endbr_seal', end: '__ibt_endbr_seal_end' };
  const sites = readDistances(kernel, { ...table, ...bounds }, endbr64.length);
  if (sites) refuseOverlaps(table.section, sites);
  return sites;
}

function describe(kernel: PatchKernel, sites: SiteTable, i: IndexIntoSiteTable): string {
  return placeText(kernel.names, sites.address[i]!);
}

/** apply_ibt_endbr() and, since Linux 6.2, apply_seal_endbr(): whatever the processor is. */
function resolver(_target: Target, sites: SiteTable, text: PatchedText): SiteResolver {
  return (i) => {
    const address = sites.address[i]!;
    const now = currentBytes(text, sites, i);
    if (!sameBytes(now, endbr64) && !sameBytes(now, poison)) {
      refuseShape('endbr', address, now, 'endbr64');
    }
    text.put(address, poison, { family: 'endbr', index: i });
  };
}

/** ENDBR at functions that nobody calls indirectly: taken away, so that nobody can. */
export const endbr: PatchFamily = {
  name: 'endbr',
  summary: 'ENDBR of functions that are never called indirectly',
  learntFrom: ['arch/x86/kernel/alternative.c', 'arch/x86/include/asm/ibt.h'],
  support: { '6.1': 'absent', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
