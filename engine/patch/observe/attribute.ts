import type { SignedAddress } from '../../kernel/address.js';
import { placeText } from '../../kernel/names.js';
import type { LoadedSection } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';
import type { FamilyName, KernelMemory } from '../types.js';
import { changedRuns, cutByOwner, type ChangedRun } from './changed-runs.js';
import {
  constantOwners,
  constantSections,
  freedAfterBoot,
  type ConstantOwner,
} from './constants.js';
import { directWrites, type DirectWrite } from './direct-writes.js';
import { siteIndex, type FamilySites, type Site } from './site-index.js';

/** Who changed what of a kernel at boot: its file against its memory. */
export interface Attribution {
  text: Compared;
  constants: Compared;
  /** What is freed after boot, and so not compared. */
  freed: Bytes;
  /** Code, by the family whose site it is; every family that the kernel has, in their order. */
  families: FamilyChanges[];
  /** Code that the kernel rewrites by name. */
  direct: DirectChanges[];
  /** Constants, by what they belong to; most bytes first. */
  owners: OwnerChanges[];
  /** Code that belongs to no site, and constants that nothing is known to write; by address. */
  unexplained: UnexplainedChange[];
}

export interface Compared {
  size: Bytes;
  changed: Bytes;
}

export interface FamilyChanges {
  family: FamilyName;
  /** Entries of the family's table. */
  sites: number;
  /** How many of them have a byte that changed. */
  changed: number;
  changedBytes: Bytes;
}

export interface DirectChanges {
  write: DirectWrite;
  changedBytes: Bytes;
}

export interface OwnerChanges {
  owner: ConstantOwner;
  changedBytes: Bytes;
}

export interface UnexplainedChange {
  address: SignedAddress;
  in: 'text' | 'constants';
  /** `schedule+0x10`. */
  place: string;
  file: Uint8Array;
  memory: Uint8Array;
}

/**
 * Compares what stays after boot, code and constants, and finds who changed it. Pure.
 * @throws patch-memory-missing
 */
export function attribute(
  kernel: PatchKernel,
  memory: KernelMemory,
  families: readonly FamilySites[],
): Attribution {
  const unexplained: UnexplainedChange[] = [];
  const explain = (where: 'text' | 'constants', { address, file, memory: seen }: ChangedRun) =>
    unexplained.push({
      ...{ address, in: where, place: placeText(kernel.names, address) },
      ...{ file: file.slice(), memory: seen.slice() },
    });
  const code = attributeCode(kernel, memory, families, (run) => explain('text', run));
  const data = attributeConstants(kernel, memory, families, (run) => explain('constants', run));
  const { start, end } = freedAfterBoot(kernel);
  return {
    ...{ text: code.compared, families: code.families, direct: code.direct },
    ...{ constants: data.compared, owners: data.owners },
    ...{ freed: end - start, unexplained },
  };
}

type Explain = (run: ChangedRun) => void;

function attributeCode(
  kernel: PatchKernel,
  memory: KernelMemory,
  families: readonly FamilySites[],
  unexplained: Explain,
): { compared: Compared; families: FamilyChanges[]; direct: DirectChanges[] } {
  const compared = { size: 0, changed: 0 };
  const rows = new Map<FamilyName, Set<number>>();
  const bytes = new Map<FamilyName, Bytes>();
  const siteOf = siteIndex(families);
  const direct = directWrites(kernel).map((write) => ({ write, changedBytes: 0 }));
  const ownerOf = (address: SignedAddress): Site | DirectChanges | undefined =>
    siteOf(address) ??
    direct.find(({ write }) => address >= write.address && address < write.address + write.size);
  const { start, end } = kernel.text;
  for (const section of kernel.sections.filter(({ executable }) => executable)) {
    const piece = pieceOf(section, start, end);
    for (const run of runsIn(piece, memory, section.name, compared)) {
      for (const cut of cutByOwner(run, ownerOf)) {
        const { owner } = cut;
        if (!owner) unexplained(cut);
        else if ('write' in owner) owner.changedBytes += cut.file.length;
        else {
          const { family, index } = owner;
          bytes.set(family, (bytes.get(family) ?? 0) + cut.file.length);
          rows.set(family, (rows.get(family) ?? new Set()).add(index));
        }
      }
    }
  }
  return {
    ...{ compared, direct },
    families: families.map(({ family, sites }) => ({
      ...{ family, sites: sites.length },
      changed: rows.get(family)?.size ?? 0,
      changedBytes: bytes.get(family) ?? 0,
    })),
  };
}

function attributeConstants(
  kernel: PatchKernel,
  memory: KernelMemory,
  families: readonly FamilySites[],
  unexplained: Explain,
): { compared: Compared; owners: OwnerChanges[] } {
  const compared = { size: 0, changed: 0 };
  const bytes = new Map<ConstantOwner, Bytes>();
  const ownerOf = constantOwners(kernel, families);
  for (const section of constantSections(kernel)) {
    for (const run of runsIn(section, memory, section.name, compared)) {
      for (const cut of cutByOwner(run, ownerOf)) {
        bytes.set(cut.owner, (bytes.get(cut.owner) ?? 0) + cut.file.length);
        if (cut.owner.kind === 'constant') unexplained(cut);
      }
    }
  }
  const owners = [...bytes]
    .map(([owner, changedBytes]) => ({ owner, changedBytes }))
    .sort((a, b) => b.changedBytes - a.changedBytes);
  return { compared, owners };
}

interface Piece {
  start: SignedAddress;
  bytes: Uint8Array;
}

/** The part of a section that lies in a range. */
function pieceOf(section: LoadedSection, start: SignedAddress, end: SignedAddress): Piece {
  const from = Math.min(Math.max(start - section.start, 0), section.bytes.length);
  const to = Math.min(Math.max(end - section.start, from), section.bytes.length);
  return { start: section.start + from, bytes: section.bytes.subarray(from, to) };
}

function* runsIn(
  { start, bytes }: Piece,
  memory: KernelMemory,
  what: string,
  compared: Compared,
): Generator<ChangedRun> {
  if (bytes.length === 0) return;
  compared.size += bytes.length;
  for (const run of changedRuns(start, bytes, memory.read(start, bytes.length, what))) {
    compared.changed += run.file.length;
    yield run;
  }
}
