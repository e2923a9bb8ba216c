import type { RunResult, Samples } from '../../db/records.js';
import { xenBanner, type BootResult } from '../boot/index.js';
import { measureErrors } from '../errors/measure.js';
import { readGuestReport, type GuestReport } from '../guest/report.js';
import { findMarker, readCounterFile, totalsAt } from '../measure/counter-file.js';
import { costOf } from '../measure/cost.js';
import { crossCheck } from '../measure/cross-check.js';
import { iterationsOf, type Iterations } from '../measure/iterations.js';
import { markerCodes } from '../measure/marker-codes.js';
import type { WorkloadName } from '../measure/types.js';
import { calibration } from '../measure/workloads.js';
import { plannedIterations } from './plan.js';

/**
 * What a boot leaves in the database: its figures if it completed and they can
 * be trusted, otherwise what went wrong. Pure.
 * @param counts the counter file's bytes, undefined when there is none
 */
export function resultOf(
  boot: BootResult,
  counts: Uint8Array | undefined,
  planned: readonly WorkloadName[],
): RunResult {
  const text = Buffer.from(boot.console).toString('latin1');
  const report = readGuestReport(text);
  const base = {
    xenVersion: xenBanner(text),
    outcome: boot.outcome,
    evidence: boot.evidence,
    wall: Math.round(boot.wall),
    console: boot.console,
    consoleTruncated: boot.consoleTruncated,
    memTotalKiB: report.memTotalKiB ?? null,
    memoryLine: report.memoryLine ?? null,
  };
  const nothing = { bootInstructions: null, measurements: [], samples: [] };
  if (boot.outcome !== 'completed' || counts === undefined) {
    const state = boot.outcome === 'cancelled' ? 'interrupted' : 'failed';
    return { ...base, ...nothing, state };
  }
  try {
    return { ...base, ...figuresOf(counts, report, planned), state: 'done' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...base, ...nothing, state: 'failed', evidence: why };
  }
}

/** @throws counter-file-malformed, measurement-incomplete, counters-disagree */
function figuresOf(
  counts: Uint8Array,
  report: GuestReport,
  planned: readonly WorkloadName[],
): Pick<RunResult, 'bootInstructions' | 'measurements' | 'samples'> {
  const table = readCounterFile(counts, 'counts');
  const all = iterationsOf(table, 'counts').filter(({ workload }) => workload !== calibration.name);
  requireComplete(all, report, planned);
  const measurements = all.map(costOf);
  const check = crossCheck(measurements, report.tsc);
  const disagreement = check.checked ? check.disagreements[0] : undefined;
  if (disagreement !== undefined) throw measureErrors.crossCheck(disagreement);
  const init = findMarker(table, markerCodes.init);
  return {
    bootInstructions: init === undefined ? null : totalsAt(table, init),
    measurements,
    samples: all.map(samplesOf),
  };
}

function requireComplete(
  all: readonly Iterations[],
  report: GuestReport,
  planned: readonly WorkloadName[],
): void {
  const counted = new Map(all.map((one) => [one.workload, one.user.length]));
  const missing = [...plannedIterations(planned)]
    .filter(([name, iterations]) => counted.get(name) !== iterations || report.failed.has(name))
    .map(([name]) => name);
  if (missing.length > 0) throw measureErrors.incomplete({ missing });
}

function samplesOf({ workload, user, kernel, hypervisor }: Iterations): Samples {
  return {
    workload,
    user: Array.from(user),
    kernel: Array.from(kernel),
    hypervisor: Array.from(hypervisor),
  };
}
