import { readAllRelocations, type ElfFile } from '../../elf/index.js';
import {
  addressText,
  lastNotAbove,
  signedAddresses,
  type SignedAddress,
} from '../../kernel/address.js';
import { placeText } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { dataName, isCode } from '../families/site-rows.js';
import { viewOf } from '../families/instructions.js';
import { paravirt } from '../families/paravirt.js';
import type { PatchKernel } from '../kernel.js';
import type { FieldUse } from '../types.js';
import { pvOpsMember, pvOpsOf } from '../pv-ops.js';

/**
 * Miller's reading, as Fitzhardinge understood it in 2007: paravirt sites need no table, since every
 * call through pv_ops has a relocation against it. What relocations find, against what the table has.
 */
export interface Discovery {
  /** Relocated fields that lead into pv_ops. */
  fields: number;
  /** Entries of the table. */
  entries: number;
  /** Calls and jumps through pv_ops that the table has too. */
  inBoth: number;
  /** Found from relocations and not in the table, by address. */
  onlyRelocated: FoundField[];
  /** In the table, and no relocation leads there: an address for each. */
  onlyInTable: string[];
  /** Rows of the table that several fields lie in. */
  notes: string[];
}

export interface FoundField {
  address: string;
  place: string;
  use: FieldUse;
  member: string;
}

/** A 32-bit field of code that counts from itself, and where it leads. */
export interface RelativeReference {
  address: SignedAddress;
  target: SignedAddress;
}

/** A relocated field. */
interface Field {
  address: SignedAddress;
  member: string;
}

/**
 * Compares them. The relocations are those that the payload carries for KASLR: absolute ones, which
 * the compiler uses for `call *pv_ops+N`; relative ones are known to a vmlinux that kept them only.
 * @param relative fields from there, where given
 * @throws patch-table-malformed, patch-shape-unknown, patch-outside
 */
export function discoverPvSites(
  kernel: PatchKernel,
  relative: readonly RelativeReference[] = [],
): Discovery {
  const sites = paravirt.read(kernel);
  const fields = [...absoluteFields(kernel), ...relativeFields(kernel, relative)].sort(
    (a, b) => a.address - b.address,
  );
  const order = Uint32Array.from({ length: sites?.length ?? 0 }, (_, i) => i).sort(
    (a, b) => sites!.address[a]! - sites!.address[b]!,
  );
  const starts = Float64Array.from(order, (i) => sites!.address[i]!);
  const found = new Set<number>();
  const onlyRelocated: FoundField[] = [];
  const uses = usesOf(kernel, fields);
  fields.forEach((field, i) => {
    const row = lastNotAbove(starts, starts.length, field.address);
    const isIn = row >= 0 && field.address < starts[row]! + sites!.size[order[row]!]!;
    if (isIn) found.add(row);
    else onlyRelocated.push(describeField(kernel, field, uses[i]!));
  });
  const missed = Array.from(starts.keys()).filter((row) => !found.has(row));
  return {
    fields: fields.length,
    entries: sites?.length ?? 0,
    inBoth: found.size,
    onlyRelocated,
    onlyInTable: missed.map((row) => addressText(starts[row]!)),
    notes: notesOf(kernel),
  };
}

function notesOf(kernel: PatchKernel): string[] {
  const notes: string[] = [];
  if (!pvOpsOf(kernel)) notes.push('no symbol tells where pv_ops is');
  if (kernel.relocations.abs32.length === 0) {
    notes.push('the kernel carries no relocations (no CONFIG_RELOCATABLE): nothing can be found');
  }
  return notes;
}

function* absoluteFields(kernel: PatchKernel): Generator<Field> {
  const { relocations, sections } = kernel;
  const lists: [Float64Array, Bytes][] = [
    [relocations.abs32, 4],
    [relocations.abs64, 8],
  ];
  for (const [addresses, size] of lists) {
    for (const address of addresses) {
      const section = sections[sectionAt(sections, address)];
      if (!section || address + size > section.start + section.bytes.length) continue;
      const view = new DataView(section.bytes.buffer, section.bytes.byteOffset);
      const at = address - section.start;
      const target = size === 4 ? view.getInt32(at, true) : Number(view.getBigInt64(at, true));
      const member = pvOpsMember(kernel, target);
      if (member !== undefined) yield { address, member };
    }
  }
}

function* relativeFields(
  kernel: PatchKernel,
  relative: readonly RelativeReference[],
): Generator<Field> {
  for (const { address, target } of relative) {
    const member = pvOpsMember(kernel, memberStart(kernel, target));
    if (member !== undefined) yield { address, member };
  }
}

/** An immediate behind the field makes its target seem to be up to 4 bytes below: members have 8. */
function memberStart(kernel: PatchKernel, target: SignedAddress): SignedAddress {
  const start = pvOpsOf(kernel)?.start ?? 0;
  return start + 8 * Math.ceil((target - start) / 8);
}

/** PC32 and PLT32 of the psABI for x86-64. */
const relativeTypes = [2, 4];

/**
 * Relative references from code, which KASLR has no list of, as a vmlinux that was linked with
 * --emit-relocs tells them (CONFIG_X86_NEED_RELOCS keeps them there).
 * @throws elf-*
 */
export function relativeReferences(kernel: PatchKernel, vmlinux: ElfFile): RelativeReference[] {
  const found: RelativeReference[] = [];
  for (const table of readAllRelocations(vmlinux)) {
    const offsets = signedAddresses(table.offset);
    for (let i = 0; i < table.length; i++) {
      if (!relativeTypes.includes(table.type[i]!)) continue;
      const address = offsets[i]!;
      if (!isCode(kernel.sections, address, 4)) continue;
      const section = kernel.sections[sectionAt(kernel.sections, address)]!;
      const distance = viewOf(section.bytes, address - section.start).getInt32(0, true);
      found.push({ address, target: address + 4 + distance });
    }
  }
  return found;
}

/** `call *disp32` and `jmp *disp32` are ff /2 and ff /4 with an absolute or a relative address. */
const opcode = 0xff;
const uses: Record<number, FieldUse> = { 2: 'indirect call', 4: 'indirect jump' };

function usesOf(kernel: PatchKernel, fields: readonly Field[]): FieldUse[] {
  const { sections } = kernel;
  return fields.map(({ address }): FieldUse => {
    if (!isCode(sections, address, 4)) return 'data';
    const section = sections[sectionAt(sections, address)]!;
    const at = address - section.start;
    // ff modrm sib disp32 (absolute), or ff modrm disp32 (relative).
    for (const lead of [3, 2]) {
      const modrm = section.bytes[at - lead + 1] ?? 0;
      const isAddress = lead === 3 ? (modrm & 0xc7) === 0x04 : (modrm & 0xc7) === 0x05;
      const use = uses[(modrm >> 3) & 7];
      if (section.bytes[at - lead] === opcode && isAddress && use) return use;
    }
    return 'other instruction';
  });
}

function describeField(kernel: PatchKernel, { address, member }: Field, use: FieldUse): FoundField {
  const isText = use !== 'data';
  const place = isText ? placeText(kernel.names, address) : dataName(kernel, address);
  return { address: addressText(address), place, use, member };
}
