import { patchErrors } from '../../errors/patch.js';
import { addressOfName, placeText } from '../../kernel/names.js';
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
import { currentBytes } from './site-rows.js';

/** `lock`, and the DS segment override that takes its place: as long, and without effect. */
const lockPrefix = 0xf0;
const dsPrefix = 0x3e;

function read(kernel: PatchKernel): SiteTable | undefined {
  const table = { section: '.smp_locks', of: 'alternatives_enable_smp' };
  return readDistances(kernel, { ...table, start: '__smp_locks', end: '__smp_locks_end' }, 1);
}

function describe(kernel: PatchKernel, sites: SiteTable, i: IndexIntoSiteTable): string {
  return placeText(kernel.names, sites.address[i]!);
}

/**
 * alternatives_smp_unlock(), where the kernel took itself for alone (`uniproc_patched`). It leaves
 * out init code, and sites where an alternative took the locked instruction away.
 */
function resolver(target: Target, sites: SiteTable, text: PatchedText): SiteResolver | undefined {
  const { kernel } = text;
  if (!runsAlone(kernel, target)) return undefined;
  const start = addressOfName(kernel.names, '_text') ?? kernel.text.start;
  return (i) => {
    const address = sites.address[i]!;
    if (address < start || address >= kernel.text.end) return;
    if (currentBytes(text, sites, i)[0] !== lockPrefix) return;
    text.put(address, Uint8Array.of(dsPrefix), { family: 'smp-lock', index: i });
  };
}

/**
 * Whether the kernel patched itself for one processor and has not gone back since (which it does
 * when a second one comes up).
 * @throws patch-no-name, patch-memory-missing
 */
function runsAlone({ names, label }: PatchKernel, { memory }: Target): boolean {
  const name = 'uniproc_patched';
  const variable = addressOfName(names, name);
  if (variable === undefined) throw patchErrors.noName({ name, file: label });
  return memory.read(variable, 1, name)[0] !== 0;
}

/** LOCK_PREFIX: locked instructions, which a kernel on one processor does without. */
export const smpLock: PatchFamily = {
  name: 'smp-lock',
  summary: 'lock prefixes, dropped on one processor',
  learntFrom: ['arch/x86/kernel/alternative.c', 'arch/x86/include/asm/alternative.h'],
  support: { '6.1': 'proved', '6.12': 'listed' },
  ...{ read, describe, resolver },
};
