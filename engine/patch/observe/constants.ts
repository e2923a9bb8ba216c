import { lastNotAbove, type SignedAddress } from '../../kernel/address.js';
import { addressOfName, nameOfAddress } from '../../kernel/names.js';
import type { LoadedSection } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { AddressRange, PatchKernel } from '../kernel.js';
import { isImage } from './memory.js';
import type { FamilySites } from './site-index.js';

/**
 * Data that a kernel protects from being written once it has booted (mark_rodata_ro(),
 * arch/x86/mm/init_64.c). Until then it writes some of it: tables that it sorts or marks, and
 * variables that are __ro_after_init.
 */

/** An entry of .parainstructions and of __jump_table has 16 bytes; none has more. */
const longestEntry: Bytes = 16;

/** What a changed constant belongs to. Two answers for one owner are the same object. */
export interface ConstantOwner {
  /**
   * `table`: that of a family, sorted by address or by key, or marked as being of init code.
   * `ro-after-init`: a variable that boot sets.
   * `unnamed`: the kernel has no names of data, which would tell.
   * `constant`: nothing that the kernel is known to write.
   */
  kind: 'table' | 'ro-after-init' | 'unnamed' | 'constant';
  /** Of the family or the variable; empty when unnamed. */
  name: string;
}

/**
 * Sections of constants that stay after boot. .rodata is marked writable, for it holds what is
 * read-only after init (include/asm-generic/vmlinux.lds.h: RO_DATA).
 */
export function constantSections(kernel: PatchKernel): LoadedSection[] {
  const freed = freedAfterBoot(kernel).start;
  return kernel.sections.filter(
    (section) =>
      isImage(section) &&
      section.start < freed &&
      section.bytes.length > 0 &&
      (section.name === '.rodata' || (!section.writable && !section.executable)),
  );
}

/**
 * What the kernel gives back when it has booted: from the first init section to .bss, the list of
 * lock prefixes included. What lies there later is anybody's.
 */
export function freedAfterBoot({ sections }: PatchKernel): AddressRange {
  const init = sections.filter((section) => isImage(section) && section.name.startsWith('.init.'));
  const start = Math.min(...init.map((section) => section.start));
  const bss = sections.find((section) => section.name === '.bss' && section.start > start);
  return { start, end: bss?.start ?? start };
}

/** Finds what a constant belongs to. */
export function constantOwners(
  kernel: PatchKernel,
  families: readonly FamilySites[],
): (address: SignedAddress) => ConstantOwner {
  const tables = families.map((one) => ({ family: one.family, isIn: isInEntryOf(one) }));
  const settable = {
    start: addressOfName(kernel.names, '__start_ro_after_init'),
    end: addressOfName(kernel.names, '__end_ro_after_init'),
  };
  const known = new Map<string, ConstantOwner>();
  const owner = (kind: ConstantOwner['kind'], name: string): ConstantOwner => {
    const key = `${kind} ${name}`;
    const one = known.get(key) ?? { kind, name };
    known.set(key, one);
    return one;
  };
  return (address) => {
    const table = tables.find(({ isIn }) => isIn(address));
    if (table) return owner('table', table.family);
    if (settable.start === undefined || settable.end === undefined) return owner('unnamed', '');
    const settableHere = address >= settable.start && address < settable.end;
    const name = nameOfAddress(kernel.names, address)?.name ?? '';
    return owner(settableHere ? 'ro-after-init' : 'constant', name);
  };
}

/** Tells whether an address is in one of a family's entries, all of which have the same size. */
function isInEntryOf({ sites }: FamilySites): (address: SignedAddress) => boolean {
  const entries = Float64Array.from(new Set(sites.entry)).sort();
  let size = longestEntry;
  for (let i = 1; i < entries.length; i++) size = Math.min(size, entries[i]! - entries[i - 1]!);
  return (address) => {
    const i = lastNotAbove(entries, entries.length, address);
    return i >= 0 && address < entries[i]! + size;
  };
}
