import { lastNotAbove, type SignedAddress } from '../kernel/address.js';
import type { NameTable } from '../kernel/names.js';
import { namePvOps, xenOpsGroup, type PvOpsNames } from '../kernel/pv-ops.js';
import { sectionAt } from '../kernel/sections.js';
import type { Bytes } from '../units.js';
import { viewOf } from './families/instructions.js';
import type { PatchKernel } from './kernel.js';

/** `struct paravirt_patch_template pv_ops`, or what is known of it. */
export interface PvOps {
  start: SignedAddress;
  size: Bytes;
  names: PvOpsNames;
}

/** No version has more members than 128; kallsyms does not tell where the structure ends. */
const largest: Bytes = 1024;

const known = new WeakMap<PatchKernel, PvOps | null>();

/** Finds pv_ops by its name and names its members. Undefined in a kernel that has no such name. */
export function pvOpsOf(kernel: PatchKernel): PvOps | undefined {
  let found = known.get(kernel);
  if (found === undefined) known.set(kernel, (found = findPvOps(kernel)));
  return found ?? undefined;
}

function findPvOps(kernel: PatchKernel): PvOps | null {
  const { names } = kernel;
  const row = names.row.get('pv_ops');
  if (row === undefined) return null;
  const start = names.start[row]!;
  const size = names.size[row]! || Math.min(largest, nextName(names, start) - start);
  const xen: [string, Iterable<[Bytes, string]>][] = [];
  for (const [name, at] of names.row) {
    const group = xenOpsGroup(name);
    const from = names.start[at]!;
    if (group === undefined || (names.size[at]! || size) !== size) continue;
    if (nextName(names, from) - from >= size) xen.push([group, functionsIn(kernel, from, size)]);
  }
  return { start, size, names: namePvOps(functionsIn(kernel, start, size), xen) };
}

function nextName({ start, length }: NameTable, address: SignedAddress): SignedAddress {
  return start[lastNotAbove(start, length, address) + 1] ?? Infinity;
}

/** Eight-byte words of an object that hold the address of a named function, as linked. */
function* functionsIn(
  { sections, names }: PatchKernel,
  start: SignedAddress,
  size: Bytes,
): Generator<[offset: Bytes, name: string]> {
  const section = sections[sectionAt(sections, start)];
  if (!section || section.executable || start + size > section.start + section.bytes.length) return;
  const view = viewOf(section.bytes, start - section.start);
  for (let offset = 0; offset + 8 <= size; offset += 8) {
    const target = Number(view.getBigInt64(offset, true));
    if (sections[sectionAt(sections, target)]?.executable !== true) continue;
    const name = functionAt(names, target);
    if (name !== undefined) yield [offset, name];
  }
}

/** The first name of an address, as the name table orders them. */
function functionAt({ start, length, name }: NameTable, address: SignedAddress) {
  let row = lastNotAbove(start, length, address);
  if (row < 0 || start[row] !== address) return undefined;
  while (row > 0 && start[row - 1] === address) row--;
  return name[row];
}

/** `pv_ops.mmu.write_cr3`; `pv_ops+0x98` where no function tells the member's name. */
export function pvOpsMember(kernel: PatchKernel, slot: SignedAddress): string | undefined {
  const ops = pvOpsOf(kernel);
  if (!ops || slot < ops.start || slot >= ops.start + ops.size) return undefined;
  const offset = slot - ops.start;
  const name = ops.names.get(offset);
  return name === undefined ? `pv_ops+0x${offset.toString(16)}` : `pv_ops.${name}`;
}
