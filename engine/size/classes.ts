import { addressOfName, type NameTable } from '../kernel/names.js';
import type { LoadedSection } from '../kernel/sections.js';
import type { SizeClass } from './types.js';

/**
 * What each section holds. The kernel maps what is between `__start_rodata` and `__end_rodata`
 * read-only (mark_rodata_ro, arch/x86/mm/init_64.c), whatever the ELF flags say: .rodata is often
 * flagged as writable since one of its input sections is. Where there are no such names, the flags decide.
 */
export function classesOf(sections: readonly LoadedSection[], names: NameTable): SizeClass[] {
  const start = addressOfName(names, '__start_rodata') ?? Infinity;
  const end = addressOfName(names, '__end_rodata') ?? -Infinity;
  return sections.map((section) => {
    if (section.bytes.length === 0) return 'bss';
    if (section.executable) return 'code';
    const isBetween = section.start >= start && section.start + section.size <= end;
    return isBetween || !section.writable ? 'rodata' : 'data';
  });
}
