import type { SignedAddress } from '../../kernel/address.js';
import { lastNotAbove } from '../../kernel/address.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import { viewOf } from '../families/instructions.js';
import type { PatchKernel } from '../kernel.js';
import type { RewrittenKernel, Write } from '../patched-text.js';
import type { RelocationChange } from './relocations.js';

/** Where the bytes of some write came from, so that addresses among them can be followed. */
export type SourceOf = (write: Write) => SignedAddress | undefined;

/**
 * What rewriting did to the fields that KASLR corrects: those whose bytes were overwritten hold no
 * address any more, and an alternative that was copied over a site brought its own along.
 * A field that was written as such holds another address, if it holds one: a static call to nothing
 * becomes NULL, which must stay NULL, and one that was NULL becomes an address.
 * @param isField whether a write is one of a field as such
 * @param sourceOf the address of the replacement that a write is a copy of
 */
export function movedFields(
  kernel: PatchKernel,
  rewritten: RewrittenKernel,
  isField: (write: Write) => boolean,
  sourceOf: SourceOf,
): Required<RelocationChange> {
  const { abs32, abs64, inverse32 } = kernel.relocations;
  const dropped = new Set<SignedAddress>();
  const added = new Set<SignedAddress>();
  const added64 = new Set<SignedAddress>();
  for (const write of rewritten.writes) {
    if (isField(write)) {
      if (write.after.length !== 8) continue;
      const was = isListed(abs64, write.address);
      const is = holdsAddress(kernel, write.after);
      setTo(dropped, write.address, was && !is);
      setTo(added64, write.address, is && !was);
      continue;
    }
    for (const [list, size] of [
      [abs32, 4],
      [inverse32, 4],
      [abs64, 8],
    ] as const) {
      for (const at of fieldsIn(list, size, write.address, write.after.length)) {
        if (changes(write, at, size)) dropped.add(at);
      }
    }
    const source = sourceOf(write);
    if (source === undefined) continue;
    for (const at of fieldsIn(abs32, 4, source, write.after.length)) {
      const moved = write.address + (at - source);
      if (moved + 4 > write.address + write.after.length) continue;
      if (holds(kernel, rewritten, at, moved)) added.add(moved);
    }
  }
  for (const at of added) dropped.delete(at);
  return { dropped, added: new Set([...added].filter((at) => !isListed(abs32, at))), added64 };
}

/** The last write decides. */
function setTo(set: Set<SignedAddress>, at: SignedAddress, isIn: boolean): void {
  if (isIn) set.add(at);
  else set.delete(at);
}

/** Whether eight bytes are an address of a kernel that can be moved. */
function holdsAddress({ sections, relocations }: PatchKernel, bytes: Uint8Array): boolean {
  const value = Number(viewOf(bytes).getBigInt64(0, true));
  return relocations.abs64.length > 0 && value < 0 && sectionAt(sections, value) >= 0;
}

function* fieldsIn(
  list: Float64Array,
  size: Bytes,
  start: SignedAddress,
  length: Bytes,
): Generator<SignedAddress> {
  for (let i = lastNotAbove(list, list.length, start - size) + 1; i < list.length; i++) {
    if (list[i]! >= start + length) return;
    yield list[i]!;
  }
}

/** Whether a write changed a byte of a field. */
function changes({ address, before, after }: Write, field: SignedAddress, size: Bytes): boolean {
  for (let at = Math.max(0, field - address); at < field + size - address; at++) {
    if (before[at] !== after[at]) return true;
  }
  return false;
}

/** Whether the field at `moved` is a copy of the one that the kernel has at `at`. */
function holds(
  kernel: PatchKernel,
  rewritten: RewrittenKernel,
  at: SignedAddress,
  moved: SignedAddress,
): boolean {
  const section = kernel.sections.find((s) => at >= s.start && at + 4 <= s.start + s.bytes.length);
  const original = section?.bytes.subarray(at - section.start, at - section.start + 4);
  return original !== undefined && Buffer.compare(original, rewritten.get(moved, 4)) === 0;
}

function isListed(list: Float64Array, at: SignedAddress): boolean {
  return list[lastNotAbove(list, list.length, at)] === at;
}
