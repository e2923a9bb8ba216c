import type { SiteExecutions } from '../../measure/site-counts.js';
import type { WorkloadName } from '../../measure/types.js';
import type { SignedAddress } from '../../kernel/address.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';
import { readTables } from '../resolve.js';
import type { KernelMemory } from '../types.js';
import { changes, valuesOf } from './apply.js';
import { hazardsOf } from './hazards.js';
import { earlyLoads, type ReadVariables } from './read.js';
import { replaceLoads } from './replace.js';
import { variableClasses, type Hazard, type Refusal, type VariableClass } from './types.js';

/** Executed loads: up to /init, and by operation of each workload. */
export interface ExecutedLoads {
  boot: number;
  workloads: Record<WorkloadName, number>;
  /** Of one operation of every workload together. */
  all: number;
}

export interface RankedVariable {
  name: string;
  class: VariableClass;
  address: SignedAddress;
  size: Bytes;
  value: string;
  initial: string | null;
  hazards: Hazard[];
  /** Instructions that read it. */
  loads: number;
  executed: ExecutedLoads;
  /** Of the loads, those that an immediate can replace. */
  replaceable: number;
  /** Of the executed ones, those that are gone then. */
  saved: ExecutedLoads;
  /** Executed ones that are gone then, at a time when the variable had not got its value yet. */
  early: number;
  /** Loads that stay, by why. */
  refused: Partial<Record<Refusal, number>>;
}

export interface RankingInput {
  kernel: PatchKernel;
  read: ReadVariables;
  executions: SiteExecutions;
  /** After boot, and when the workloads had run. */
  memory: KernelMemory;
  later: KernelMemory;
}

/**
 * Variables by how many loads of them an operation of each workload executes, most first; those
 * that nothing reads are left out. Pure.
 * @throws patch-memory-missing, patch-table-malformed
 */
export function rankVariables(input: RankingInput): RankedVariable[] {
  const { kernel, read, executions, memory, later } = input;
  const { variables, references, loads } = read;
  const sites = readTables(kernel).map((table) => table.sites);
  const replaced = replaceLoads({ kernel, memory, variables, references, sites }, loads);
  const ranked = new Map<number, RankedVariable>();
  replaced.forEach(({ reference, refused }) => {
    const variable = references.variable[reference]!;
    let row = ranked.get(variable);
    if (!row) {
      row = {
        name: variables.name[variable]!,
        class: variableClasses[variables.class[variable]!]!,
        address: variables.start[variable]!,
        size: variables.size[variable]!,
        ...valuesOf(kernel, memory, variables, variable),
        hazards: hazardsOf(kernel, variables, references, variable),
        ...{ loads: 0, executed: noLoads(executions), replaceable: 0, saved: noLoads(executions) },
        ...{ refused: {}, early: 0 },
      };
      if (changes(variables, variable, memory, later)) {
        row.hazards.push({ kind: 'changed', where: [] });
      }
      ranked.set(variable, row);
    }
    row.loads++;
    // What the kernel rewrote there may be no load: it is not known what was executed.
    if (refused !== 'site') count(row.executed, executions, reference);
    if (refused === undefined) {
      row.replaceable++;
      count(row.saved, executions, reference);
      row.early += earlyLoads(row.initial, executions, reference);
    } else {
      row.refused[refused] = (row.refused[refused] ?? 0) + 1;
    }
  });
  for (const row of ranked.values()) {
    if (row.early > 0) row.hazards.push({ kind: 'early', where: [] });
  }
  return [...ranked.values()].sort(
    (a, b) =>
      b.executed.all - a.executed.all ||
      b.executed.boot - a.executed.boot ||
      b.loads - a.loads ||
      a.address - b.address,
  );
}

function noLoads({ workloads }: SiteExecutions): ExecutedLoads {
  const none = Object.fromEntries([...workloads.keys()].map((name) => [name, 0]));
  return { boot: 0, workloads: none, all: 0 };
}

function count(to: ExecutedLoads, { boot, workloads }: SiteExecutions, site: number): void {
  to.boot += boot[site]!;
  for (const [name, executions] of workloads) {
    to.workloads[name] = to.workloads[name]! + executions[site]!;
    to.all += executions[site]!;
  }
}

/** Loads that one operation of a workload executes. */
export interface WorkloadLoads {
  workload: WorkloadName;
  executed: number;
  /** Of these, by instructions that an immediate fits. */
  replaceable: number;
  /** Of these, of variables without a hazard. */
  safe: number;
}

/** Adds up a ranking by workload, in their order. */
export function totalLoads(
  ranked: readonly RankedVariable[],
  workloads: readonly WorkloadName[],
): WorkloadLoads[] {
  return workloads.map((workload) => {
    const sum = (of: (row: RankedVariable) => ExecutedLoads, rows = ranked): number =>
      rows.reduce((total, row) => total + (of(row).workloads[workload] ?? 0), 0);
    const constant = ranked.filter(({ hazards }) => hazards.length === 0);
    return {
      ...{ workload, executed: sum((row) => row.executed) },
      ...{ replaceable: sum((row) => row.saved), safe: sum((row) => row.saved, constant) },
    };
  });
}
