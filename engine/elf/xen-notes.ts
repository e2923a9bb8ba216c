import { viewOf } from './header.js';
import { cString, type ElfNote } from './notes.js';

/**
 * The notes by which a kernel tells Xen how it wants to be started
 * (xen/include/public/elfnote.h). `numeric` notes are 4 or 8 bytes wide.
 */
const xenNoteTypes = [
  ['INFO', 'string'],
  ['ENTRY', 'numeric'],
  ['HYPERCALL_PAGE', 'numeric'],
  ['VIRT_BASE', 'numeric'],
  ['PADDR_OFFSET', 'numeric'],
  ['XEN_VERSION', 'string'],
  ['GUEST_OS', 'string'],
  ['GUEST_VERSION', 'string'],
  ['LOADER', 'string'],
  ['PAE_MODE', 'string'],
  ['FEATURES', 'string'],
  ['BSD_SYMTAB', 'string'],
  ['HV_START_LOW', 'numeric'],
  ['L1_MFN_VALID', 'pairs'],
  ['SUSPEND_CANCEL', 'numeric'],
  ['INIT_P2M', 'numeric'],
  ['MOD_START_PFN', 'numeric'],
  ['SUPPORTED_FEATURES', 'numeric'],
  ['PHYS32_ENTRY', 'numeric'],
  ['PHYS32_RELOC', 'words'],
] as const;

export type XenNoteName = (typeof xenNoteTypes)[number][0];

/** One decoded note. `value` is null when the description does not fit the type. */
export interface XenNote {
  /** `ENTRY` for XEN_ELFNOTE_ENTRY; `type 42` for one this table does not know. */
  name: XenNoteName | `type ${number}`;
  /** Text, a number, or for L1_MFN_VALID and PHYS32_RELOC a list of numbers. */
  value: string | bigint | bigint[] | null;
}

/** Decodes the notes of owner `Xen`, in the file's order. */
export function xenNotes(notes: readonly ElfNote[]): XenNote[] {
  return notes.filter((n) => n.owner === 'Xen').map(decode);
}

function decode({ type, description }: ElfNote): XenNote {
  const known = xenNoteTypes[type];
  if (!known) return { name: `type ${type}`, value: null };
  const [name, kind] = known;
  switch (kind) {
    case 'string':
      return { name, value: cString(description) };
    case 'numeric':
      return { name, value: numbers(description, description.length)?.[0] ?? null };
    case 'pairs':
      return { name, value: numbers(description, 8) };
    case 'words':
      return { name, value: numbers(description, 4) };
  }
}

/** More numbers than this are in no note; the rest of a longer one is left out. */
const mostNumbers = 16;

/** Little-endian numbers of 4 or 8 bytes; null for any other width or a ragged end. */
function numbers(bytes: Uint8Array, width: number): bigint[] | null {
  if ((width !== 4 && width !== 8) || bytes.length % width !== 0) return null;
  const view = viewOf(bytes);
  const count = Math.min(bytes.length / width, mostNumbers);
  return Array.from({ length: count }, (_, i) =>
    width === 8 ? view.getBigUint64(i * 8, true) : BigInt(view.getUint32(i * 4, true)),
  );
}

/** Bits of SUPPORTED_FEATURES (xen/include/public/features.h, without XENFEAT_). */
export const xenFeatures = [
  'writable_page_tables',
  'writable_descriptor_tables',
  'auto_translated_physmap',
  'supervisor_mode_kernel',
  'pae_pgdir_above_4gb',
  'mmu_pt_update_preserve_ad',
  'highmem_assist',
  'gnttab_map_avail_bits',
  'hvm_callback_vector',
  'hvm_safe_pvclock',
  'hvm_pirqs',
  'dom0',
  'grant_map_identity',
  'memory_op_vnode_supported',
  'ARM_SMCCC_supported',
  'linux_rsdp_unrestricted',
  'not_direct_mapped',
  'direct_mapped',
] as const;

/** Names of the features in a mask; bits without a name come out as `bit N`. */
export function xenFeatureNames(mask: bigint): string[] {
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if ((mask >> BigInt(bit)) & 1n) names.push(xenFeatures[bit] ?? `bit ${bit}`);
  }
  return names;
}

/** The value of the last note of a name, which is the one Xen's parser keeps; undefined when absent. */
export function xenNote(
  notes: readonly XenNote[],
  name: XenNoteName,
): XenNote['value'] | undefined {
  return notes.findLast((n) => n.name === name)?.value;
}
