import { commonErrors } from '../errors/common.js';
import { compareErrors } from '../errors/compare.js';
import type { ByteSource } from '../elf/index.js';
import type { JobOptions } from '../progress.js';
import { createExplainer } from './explainer.js';
import { pairPlaces, type Pairing } from './pairing.js';
import { kindFunction, kindObject } from './places.js';
import { compareRemainders } from './remainder.js';
import { readSide, type Side } from './side.js';
import { readPatchSites, type PatchSites } from './sites.js';
import { readSources, type Sources } from './sources.js';
import { compareKind, settle } from './table.js';
import { createTargets, type Targets } from './targets.js';
import type { ComparisonTable, Remainder } from './types.js';

/** Two kernels and what became of every byte of them. */
export interface KernelComparison {
  a: Side;
  b: Side;
  pairing: Pairing;
  targets: Targets;
  sites: { a: PatchSites; b: PatchSites };
  /** Where functions and objects come from. */
  sources: { a: Sources; b: Sources };
  /** Functions. */
  functions: ComparisonTable;
  /** Objects: variables, constants, tables that have a sized symbol. */
  objects: ComparisonTable;
  /** Everything else that is loaded. */
  remainders: Remainder[];
  /** What could not be told, and why; a sentence each. */
  notes: string[];
}

/** A vmlinux and what to call it. */
export interface ComparedKernel {
  source: ByteSource;
  label: string;
  /** Object files in order of linking (`readThinArchive`); without them, sources are base names. */
  objects?: readonly string[] | undefined;
}

/**
 * Compares two vmlinux files: which functions and data are the same, which
 * only lie elsewhere, which differ and why. docs/comparing.md has the rules.
 * @throws compare-*, elf-*, cancelled
 */
export async function compareKernels(
  a: ComparedKernel,
  b: ComparedKernel,
  options: JobOptions = {},
): Promise<KernelComparison> {
  const job = 'compare';
  const { onProgress, signal } = options;
  onProgress?.({ kind: 'start', job, title: `comparing ${a.label} with ${b.label}` });
  let done = 0;
  /** One step of the work. Between steps the caller's events are served: that is where it is cancelled. */
  const step = async <T>(detail: string, work: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw commonErrors.cancelled({ what: 'the comparison' });
    onProgress?.({ kind: 'step', job, detail, done, total: 7 });
    done++;
    return work();
  };
  try {
    const sideA = await step(`reading ${a.label}`, () => readSide(a.source, a.label));
    const sideB = await step(`reading ${b.label}`, () => readSide(b.source, b.label));
    if (sideA.image.width !== sideB.image.width) {
      throw compareErrors.widthMismatch({ a: a.label, b: b.label });
    }
    const pairing = await step('pairing symbols', () => pairPlaces(sideA, sideB));
    const targets = createTargets(sideA, sideB, pairing);
    const sites = { a: readPatchSites(sideA), b: readPatchSites(sideB) };
    const explainer = createExplainer(targets, pairing, sites);
    const functions = await step('comparing functions', () =>
      compareKind(targets, pairing, kindFunction),
    );
    await step('explaining differences', () => settle(functions, explainer, pairing));
    const objects = await step('comparing data', () => compareKind(targets, pairing, kindObject));
    settle(objects, explainer, pairing);
    const remainders = await step('comparing tables', () => compareRemainders(targets, explainer));
    // Names of one kind on both sides, or the same code would be in two places.
    const known = a.objects !== undefined && b.objects !== undefined;
    const sources = {
      a: readSources(sideA, known ? a.objects : undefined),
      b: readSources(sideB, known ? b.objects : undefined),
    };
    onProgress?.({ kind: 'end', job, result: 'done' });
    return {
      a: sideA,
      b: sideB,
      pairing,
      targets,
      sites,
      sources,
      functions: functions.rows,
      objects: objects.rows,
      remainders,
      notes: [...withoutRelocations([sideA, sideB]), ...withoutObjects([a, b])],
    };
  } catch (error) {
    onProgress?.({ kind: 'end', job, result: signal?.aborted ? 'cancelled' : 'failed' });
    throw error;
  }
}

function withoutRelocations(sides: readonly Side[]): string[] {
  return sides
    .filter(({ isRelocatable }) => !isRelocatable)
    .map(
      ({ image }) =>
        `${image.label} has no relocations (CONFIG_X86_NEED_RELOCS, ld --emit-relocs): ` +
        'what holds an absolute address is likely to count as different',
    );
}

function withoutObjects(kernels: readonly ComparedKernel[]): string[] {
  const labels = kernels.filter(({ objects }) => !objects).map(({ label }) => label);
  if (labels.length === 0) return [];
  return [
    `sources are named by file, not by folder: there is no list of object files (vmlinux.a) for ${labels.join(' and ')}`,
  ];
}
