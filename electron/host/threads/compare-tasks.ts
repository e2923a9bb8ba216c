import {
  openVmlinux,
  readArchive,
  type FoundVmlinux,
} from '../../../engine/compare/find-vmlinux.js';
import {
  compareKernels,
  readThinArchive,
  sideBySide,
  type ComparedKernel,
  type IndexIntoComparisonTable,
  type KernelComparison,
} from '../../../engine/compare/index.js';
import { sideBySideReport, type SideBySideReport } from '../../../engine/compare/report.js';
import type { Comparison } from '../../../engine/contract/app/merge.js';
import type { FileSource } from '../../../engine/elf/index.js';
import { LabError } from '../../../engine/errors/lab-error.js';
import type { JobOptions } from '../../../engine/progress.js';
import { comparisonColumns } from './comparison-columns.js';

/** Two kernels to be compared. */
export interface Pair {
  a: FoundVmlinux;
  b: FoundVmlinux;
}

interface Kept {
  key: string;
  comparison: KernelComparison;
  /** As windows get it, made when the first asks: laying it out takes a tenth of a second. */
  columns?: Comparison;
  sources: FileSource[];
}

/** The last comparison stays: one function after the other is asked of it. Some 200 MB, not more than once. */
let kept: Kept | undefined;

export const compareTasks = {
  compare: async (pair: Pair, options: JobOptions): Promise<Comparison> => {
    const one = await comparisonOf(pair, options);
    return (one.columns ??= comparisonColumns(one.comparison));
  },

  disassemble: async (
    { row, ...pair }: Pair & { row: IndexIntoComparisonTable },
    options: JobOptions,
  ): Promise<SideBySideReport> => {
    const { comparison } = await comparisonOf(pair, options);
    return sideBySideReport(sideBySide(comparison, row));
  },
};

async function comparisonOf({ a, b }: Pair, options: JobOptions): Promise<Kept> {
  const key = `${a.file}\0${b.file}`;
  if (kept?.key === key) return kept;
  for (const source of kept?.sources ?? []) source.close();
  kept = undefined;
  const sources: FileSource[] = [];
  try {
    const notes: string[] = [];
    const [one, two] = [await openKernel(a, sources, notes), await openKernel(b, sources, notes)];
    const comparison = await compareKernels(one, two, options);
    comparison.notes.push(...notes);
    return (kept = { key, comparison, sources });
  } catch (error) {
    for (const source of sources) source.close();
    throw error;
  }
}

/** An archive that cannot be read is no reason not to compare: sources are then named by file. */
async function openKernel(
  found: FoundVmlinux,
  sources: FileSource[],
  notes: string[],
): Promise<ComparedKernel> {
  const source = openVmlinux(found);
  sources.push(source);
  const { label } = found;
  const archive = await readArchive(found);
  if (!archive) return { source, label };
  try {
    return { source, label, objects: readThinArchive(archive, found.archive) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    notes.push(`${found.archive}: ${error.message}; sources are named by file instead`);
    return { source, label };
  }
}
