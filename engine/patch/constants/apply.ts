import { patchErrors } from '../../errors/patch.js';
import { bytesAt, type AddressRange, type PatchKernel } from '../kernel.js';
import { readTables } from '../resolve.js';
import type { KernelMemory } from '../types.js';
import { hazardsOf, hazardText } from './hazards.js';
import type { Profile } from './profile.js';
import { earlyLoads, readVariables } from './read.js';
import { replaceLoads, type LoadReplacement } from './replace.js';
import { variableClasses, type Hazard, type VariableClass } from './types.js';
import { variablesNamed, type IndexIntoVariableTable, type VariableTable } from './variables.js';

export interface ConstantOptions {
  /** Replace loads of variables whose value may change, too. */
  force?: boolean | undefined;
  /**
   * A boot that counted every reference to the variables, as `readVariables` finds them: how it
   * ended, and which loads came before the variables were set. Without it nothing tells.
   */
  profile?: Profile | undefined;
}

/** What becomes of the loads of one variable. */
export interface ConstantPlan {
  symbol: string;
  class: VariableClass;
  /** The value that was seen, as `0x...` up to 8 bytes, else the first 16 bytes. */
  value: string;
  /**
   * The value before boot, where it is another: code that runs before the kernel sets the variable
   * sees the final value.
   */
  initial: string | null;
  hazards: Hazard[];
  loads: LoadReplacement[];
}

/**
 * Loads of variables that become immediates, with the values seen in the memory of the kernel.
 * Only code that stays after boot is changed. Pure: `loads` say what is to be written.
 * @param symbols names of variables of any kind
 * @throws patch-constant-unknown, patch-constant-no-size, patch-constant-unsafe, patch-memory-missing
 */
export function applyConstants(
  kernel: PatchKernel,
  memory: KernelMemory,
  symbols: readonly string[],
  { force = false, profile }: ConstantOptions = {},
): ConstantPlan[] {
  const variables = variablesNamed(kernel, symbols);
  const { references, loads } = readVariables(kernel, variables);
  const sites = readTables(kernel).map((table) => table.sites);
  return variables.name.map((symbol, variable): ConstantPlan => {
    const values = valuesOf(kernel, memory, variables, variable);
    const own = loads.filter((i) => references.variable[i] === variable);
    const replaced = replaceLoads({ kernel, memory, variables, references, sites }, own);
    const found = hazardsOf(kernel, variables, references, variable);
    if (profile && changes(variables, variable, memory, profile.memory)) {
      found.push({ kind: 'changed', where: [] });
    }
    if (profile && replaced.some((load) => isEarly(load, values.initial, profile))) {
      found.push({ kind: 'early', where: [] });
    }
    if (!force && found.length > 0) {
      throw patchErrors.constantUnsafe({
        name: symbol,
        why: found.map((hazard) => hazardText(hazard)),
      });
    }
    return {
      ...{ symbol, class: variableClasses[variables.class[variable]!]!, hazards: found },
      ...values,
      loads: replaced,
    };
  });
}

function isEarly(
  { refused, reference }: LoadReplacement,
  initial: string | null,
  { executions }: Profile,
): boolean {
  return refused === undefined && earlyLoads(initial, executions, reference) > 0;
}

function rangeOf(variables: VariableTable, variable: IndexIntoVariableTable): AddressRange {
  const start = variables.start[variable]!;
  return { start, end: start + variables.size[variable]! };
}

/** Whether a variable holds other bytes at another moment. */
export function changes(
  variables: VariableTable,
  variable: IndexIntoVariableTable,
  memory: KernelMemory,
  later: KernelMemory,
): boolean {
  const { start, end } = rangeOf(variables, variable);
  const name = variables.name[variable]!;
  const bytes = [memory, later].map((one) => one.read(start, end - start, name));
  return Buffer.compare(bytes[0]!, bytes[1]!) !== 0;
}

/** What a variable holds, and what it holds in the file where that is something else. */
export function valuesOf(
  kernel: PatchKernel,
  memory: KernelMemory,
  variables: VariableTable,
  variable: IndexIntoVariableTable,
): Pick<ConstantPlan, 'value' | 'initial'> {
  const { start, end } = rangeOf(variables, variable);
  const name = variables.name[variable]!;
  const value = valueText(memory.read(start, end - start, name));
  const section = kernel.sections.find(
    (one) => start >= one.start && end <= one.start + one.bytes.length,
  );
  const before = section ? bytesAt(kernel, start, end - start, name) : new Uint8Array(end - start); // .bss
  const initial = valueText(before);
  return { value, initial: initial === value ? null : initial };
}

function valueText(bytes: Uint8Array): string {
  if (bytes.length > 8) {
    const text = Buffer.from(bytes.subarray(0, 16)).toString('hex');
    return bytes.length > 16 ? `${text}...` : text;
  }
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return `0x${value.toString(16)}`;
}
