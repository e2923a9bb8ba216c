import { addressText, lastNotAbove, type SignedAddress } from '../../kernel/address.js';
import { nameOfAddress } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { PatchKernel } from '../kernel.js';
import { referenceKinds, type ReferenceTable } from './references.js';
import { hazards, variableClasses, type Hazard, type HazardKind } from './types.js';
import type { IndexIntoVariableTable, VariableTable } from './variables.js';

/**
 * Variables that are set from the place that the kernel and its maps were given
 * (arch/x86/kernel/head64.c, arch/x86/mm/kaslr.c). Observed without KASLR.
 */
const setByKaslr = new Set([
  'phys_base',
  'page_offset_base',
  'vmalloc_base',
  'vmemmap_base',
  'kaslr_regions',
  'initial_gs',
  'early_top_pgt',
]);

/** Sections that the kernel frees after boot: what is in them cannot write any more. */
const freed = /^\.(init|exit|altinst|x86_cpu_dev|parainst|apicdrivers|iommu)|^\.data\.\.percpu$/;

/**
 * What speaks against taking one value for all time. Code that writes to a `__ro_after_init`
 * variable runs during boot or not at all, since its pages are read-only then: only for other
 * variables do stores and pointers count.
 * @param references of these variables, in all code
 */
export function hazardsOf(
  kernel: PatchKernel,
  variables: VariableTable,
  references: ReferenceTable,
  variable: IndexIntoVariableTable,
): Hazard[] {
  const found: Hazard[] = [];
  const add = (kind: HazardKind, where: Iterable<string>): void => {
    const names = [...new Set(where)].sort();
    if (names.length > 0) found.push({ kind, where: names });
  };
  if (setByKaslr.has(variables.name[variable]!)) found.push({ kind: 'kaslr', where: [] });
  if (variableClasses[variables.class[variable]!] === 'ro_after_init') return found;
  const stored = referencesIn(kernel, references, variable, 'store');
  add('stored', stored);
  const { inCode, inData } = pointersTo(kernel, variables, references, variable);
  add('address', [...referencesIn(kernel, references, variable, 'address'), ...inCode]);
  add('pointer', inData);
  return found;
}

function referencesIn(
  { names, text }: PatchKernel,
  references: ReferenceTable,
  variable: IndexIntoVariableTable,
  kind: (typeof referenceKinds)[number],
): string[] {
  const where: string[] = [];
  for (let i = 0; i < references.length; i++) {
    const address = references.address[i]!;
    if (references.variable[i] !== variable) continue;
    if (referenceKinds[references.kind[i]!] !== kind) continue;
    if (address < text.start || address >= text.end) continue;
    where.push(nameOfAddress(names, address)?.name ?? addressText(address));
  }
  return where;
}

/** Fields that KASLR corrects and that lead to a variable, by the name of what holds them. */
function pointersTo(
  kernel: PatchKernel,
  variables: VariableTable,
  references: ReferenceTable,
  variable: IndexIntoVariableTable,
): { inCode: string[]; inData: string[] } {
  const start = variables.start[variable]!;
  const end = start + variables.size[variable]!;
  const [inCode, inData]: [string[], string[]] = [[], []];
  const look = (fields: Float64Array, size: 4 | 8): void => {
    for (const field of fields) {
      const section = kernel.sections[sectionAt(kernel.sections, field)];
      const from = section ? field - section.start : 0;
      if (!section || from + size > section.bytes.length || freed.test(section.name)) continue;
      const view = Buffer.from(section.bytes.buffer, section.bytes.byteOffset + from, size);
      // The upper half of an address in the kernel's image is all ones.
      const target = view.readInt32LE(0);
      if (target < start || target >= end || isOperand(references, field)) continue;
      const name = nameOfAddress(kernel.names, field)?.name ?? addressText(field);
      (section.executable ? inCode : inData).push(name);
    }
  };
  look(kernel.relocations.abs32, 4);
  look(kernel.relocations.abs64, 8);
  return { inCode, inData };
}

/** Whether a field is part of an instruction that is listed as a reference already. */
function isOperand(references: ReferenceTable, field: SignedAddress): boolean {
  const row = lastNotAbove(references.address, references.length, field);
  return row >= 0 && field < references.address[row]! + references.size[row]!;
}

/** `written after boot (set_cpu_online)`, with as many names as asked for. */
export function hazardText({ kind, where }: Hazard, limit = 4): string {
  const rest = where.length - limit;
  const shown = rest > 0 ? [...where.slice(0, limit), `${rest} more`] : where;
  return shown.length === 0 ? hazards[kind] : `${hazards[kind]} (${shown.join(', ')})`;
}
