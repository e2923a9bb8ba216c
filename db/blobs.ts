import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { consoleLimit } from '../engine/boot/types.js';
import type { Bytes, Sha256 } from '../engine/units.js';
import type { ConsoleRecord, RunResult, Samples } from './records.js';
import { toJson } from './sql.js';

const deflateBytes = promisify(deflate);
const inflateBytes = promisify(inflate);

/** Far above 10^6 iterations; no blob of ours inflates to more. */
const samplesLimit: Bytes = 256 * 1024 * 1024;

/**
 * The three lists of counts as deflated JSON. For a run of 14 workloads with
 * 1000 iterations each, mostly equal and some disturbed, that is 10 KB and 5 ms;
 * variable-length integers, deflated, are 9 KB and 2 ms, which is not worth a
 * format of our own.
 */
export function packSamples(samples: Samples): Promise<Buffer> {
  return deflateBytes(toJson([samples.user, samples.kernel, samples.hypervisor]));
}

export async function unpackSamples(workload: string, blob: Uint8Array): Promise<Samples> {
  const json = await inflateBytes(blob, { maxOutputLength: samplesLimit });
  const [user, kernel, hypervisor] = JSON.parse(json.toString()) as [number[], number[], number[]];
  return { workload, user, kernel, hypervisor };
}

/** Deflates a console, at most `consoleLimit` bytes of it. */
export async function packConsole(
  console: ConsoleRecord,
): Promise<{ deflated: Buffer; truncated: boolean }> {
  const kept = console.bytes.subarray(0, consoleLimit);
  return {
    deflated: await deflateBytes(kept),
    truncated: console.truncated || kept.length < console.bytes.length,
  };
}

export function unpackConsole(deflated: Uint8Array): Promise<Buffer> {
  return inflateBytes(deflated, { maxOutputLength: consoleLimit });
}

/**
 * Digest of everything a run counted. Two runs with equal inputs must agree on
 * it; what is computed from the counts (mean) and what is not a count (memory,
 * wall time) is left out. The order of the workloads does not matter.
 */
export function hashCounts(
  result: Pick<RunResult, 'bootInstructions' | 'measurements' | 'samples'>,
): Sha256 {
  const boot = result.bootInstructions;
  const byWorkload = <T extends { workload: string }>(list: T[]): T[] =>
    [...list].sort((a, b) => (a.workload < b.workload ? -1 : 1));
  const counts = toJson([
    boot && [boot.user, boot.kernel, boot.hypervisor],
    byWorkload(result.measurements).map(({ workload, iterations, instructions, split }) => [
      workload,
      iterations,
      instructions,
      [split.user, split.kernel, split.hypervisor],
    ]),
    byWorkload(result.samples).map(({ workload, user, kernel, hypervisor }) => [
      workload,
      user,
      kernel,
      hypervisor,
    ]),
  ]);
  return createHash('sha256').update(counts).digest('hex');
}
