import { patchErrors } from '../../errors/patch.js';
import type { SignedAddress } from '../../kernel/address.js';
import { lastNotAbove } from '../../kernel/address.js';
import { addressOfName, type NameTable } from '../../kernel/names.js';
import { sectionAt } from '../../kernel/sections.js';
import type { Bytes } from '../../units.js';
import type { AddressRange, PatchKernel } from '../kernel.js';
import { variableClasses, type VariableClass } from './types.js';

export type IndexIntoVariableTable = number;

/** Variables that the kernel hardly writes after boot, by address; no two overlap. */
export interface VariableTable {
  length: number;
  start: Float64Array<ArrayBuffer>;
  /** Bytes, to the next variable where nothing tells (kallsyms has no sizes). */
  size: Float64Array<ArrayBuffer>;
  name: string[];
  /** Index into `variableClasses`. */
  class: Uint8Array<ArrayBuffer>;
}

export type ConstantRanges = Partial<Record<VariableClass, AddressRange>>;

/**
 * What the linker script puts last into DATA_DATA (include/asm-generic/vmlinux.lds.h), in no
 * particular order: READ_MOSTLY_DATA follows, and after it `_edata`.
 */
const endsOfData = [
  '__end_once',
  '__stop___dyndbg_classes',
  '__stop___dyndbg',
  '__stop_annotated_branch_profile',
  '__stop_branch_profile',
  '__stop___trace_bprintk_fmt',
  '__stop___tracepoint_str',
  '__stop__bpf_raw_tp',
  '__stop_alloc_tags',
];

/** L1_CACHE_BYTES: what read-mostly data is aligned to at least. */
const cacheLine: Bytes = 64;

/**
 * Where a kernel keeps `__ro_after_init` and `__read_mostly` variables. The former has labels. The
 * latter is the end of `.data`, behind the last table that has: the linker script gives it none.
 * A class whose bounds cannot be told is left out.
 */
export function constantRanges({ names }: Pick<PatchKernel, 'names'>): ConstantRanges {
  const ranges: ConstantRanges = {};
  const roStart = addressOfName(names, '__start_ro_after_init');
  const roEnd = addressOfName(names, '__end_ro_after_init');
  if (roStart !== undefined && roEnd !== undefined && roStart < roEnd) {
    ranges.ro_after_init = { start: roStart, end: roEnd };
  }
  const end = addressOfName(names, '_edata');
  const before = endsOfData
    .map((name) => addressOfName(names, name))
    .filter((address) => address !== undefined);
  if (end !== undefined && before.length > 0) {
    const start = Math.ceil(Math.max(...before) / cacheLine) * cacheLine;
    if (start < end) ranges.read_mostly = { start, end };
  }
  return ranges;
}

/** Tables that lie among `__ro_after_init` variables and are no variables. */
const tableLabels = /^__(start|stop|end)_/;

/** The variables of some ranges: every name in them that is no label. */
export function variablesIn({ names }: PatchKernel, ranges: ConstantRanges): VariableTable {
  const rows: { name: string; start: SignedAddress; size: Bytes; class: number }[] = [];
  variableClasses.forEach((name, index) => {
    const range = ranges[name];
    if (range) rows.push(...variablesOf(names, range).map((row) => ({ ...row, class: index })));
  });
  return variableTable(rows);
}

/**
 * Variables by their names, wherever they are.
 * @throws patch-constant-unknown, patch-constant-no-size
 */
export function variablesNamed(kernel: PatchKernel, wanted: readonly string[]): VariableTable {
  const ranges = constantRanges(kernel);
  const rows = wanted.map((name) => {
    const start = addressOfName(kernel.names, name);
    const section = start === undefined ? -1 : sectionAt(kernel.sections, start);
    if (start === undefined || section < 0 || kernel.sections[section]!.executable) {
      throw patchErrors.constantUnknown({ name, file: kernel.label });
    }
    const { start: from, size: length } = kernel.sections[section]!;
    const [row] = variablesOf(kernel.names, { start, end: from + length });
    if (row?.start !== start) throw patchErrors.constantNoSize({ name });
    const inRange = variableClasses.findIndex((one) => {
      const range = ranges[one];
      return range && start >= range.start && start < range.end;
    });
    return { ...row, name, class: inRange < 0 ? variableClasses.indexOf('other') : inRange };
  });
  return variableTable(rows);
}

function variablesOf(
  names: NameTable,
  { start, end }: AddressRange,
): { name: string; start: SignedAddress; size: Bytes }[] {
  const rows: { name: string; start: SignedAddress; size: Bytes }[] = [];
  let row = Math.max(0, lastNotAbove(names.start, names.length, start));
  while (row > 0 && names.start[row - 1] === start) row--;
  for (; row < names.length && names.start[row]! < end; row++) {
    const from = names.start[row]!;
    const previous = rows.at(-1);
    // Aliases, and members that have names of their own.
    if (from < start || (previous && from < previous.start + previous.size)) continue;
    if (tableLabels.test(names.name[row]!)) continue;
    let next = row + 1;
    while (next < names.length && names.start[next] === from) next++;
    const limit = Math.min(end, next < names.length ? names.start[next]! : end);
    const size = names.size[row]! || limit - from;
    if (size > 0) rows.push({ name: names.name[row]!, start: from, size });
  }
  return rows;
}

function variableTable(
  rows: { name: string; start: SignedAddress; size: Bytes; class: number }[],
): VariableTable {
  rows.sort((a, b) => a.start - b.start);
  return {
    length: rows.length,
    start: Float64Array.from(rows, ({ start }) => start),
    size: Float64Array.from(rows, ({ size }) => size),
    name: rows.map(({ name }) => name),
    class: Uint8Array.from(rows, (row) => row.class),
  };
}

/** The variable that holds an address, or -1. */
export function variableAt(variables: VariableTable, address: SignedAddress): number {
  const row = lastNotAbove(variables.start, variables.length, address);
  return row >= 0 && address < variables.start[row]! + variables.size[row]! ? row : -1;
}
