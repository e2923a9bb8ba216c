import type { Bytes, Instructions, Milliseconds, Sha256 } from '../engine/units.js';
import type { BuildRecord } from '../engine/build/types.js';
import type { BootOutcome, EnvironmentName } from '../engine/boot/types.js';
import type { DomainCounts, WorkloadCost } from '../engine/measure/types.js';
import type { PatchRecord } from '../engine/patch/types.js';
import type { Plan } from '../engine/experiment/types.js';

/** Rows of lab.sqlite as the engine sees them. Times are ISO 8601 in UTC. */

export type ImageKind = 'built' | 'merged' | 'patched' | 'imported';

export interface ImageRecord {
  id: number;
  /** Digest of the bzImage, its name in the store. Unique. */
  sha256: Sha256;
  kind: ImageKind;
  /** What the user calls it; unique, so that it can be typed: `native-6.1.192`. */
  name: string;
  flavour: string | null;
  kernelVersion: string | null;
  size: Bytes;
  /** Build record, for built images. */
  build: BuildRecord | null;
  /** For merged images: digests of the parts, base last; for patched ones the image they were. */
  parts: { label: string; sha256: Sha256 }[];
  /** How it was patched, for patched images. */
  patch: PatchRecord | null;
  /** Where an imported file came from. */
  origin: string | null;
  createdAt: string;
}

export type ExperimentState = 'planned' | 'running' | 'done' | 'failed' | 'interrupted';

export interface ExperimentRecord {
  id: number;
  name: string;
  note: string;
  plan: Plan;
  planHash: Sha256;
  state: ExperimentState;
  createdAt: string;
  finishedAt: string | null;
}

export type RunState = 'running' | 'done' | 'failed' | 'interrupted';

export interface RunRecord {
  id: number;
  experimentId: number;
  /** Position of the cell in the plan, and which repetition (from 0). */
  cell: number;
  repetition: number;
  imageSha256: Sha256;
  label: string;
  environment: EnvironmentName;
  state: RunState;
  outcome: BootOutcome | null;
  evidence: string | null;
  /** Digest over everything that decides the counts: image, initramfs, argv, tool versions. */
  inputHash: Sha256;
  program: string;
  argv: string[];
  kernelCommandLine: string;
  xenCommandLine: string | null;
  versions: { emulator: string; xen: string | null; plugin: string | null };
  cpu: string;
  startedAt: string;
  finishedAt: string | null;
  wall: Milliseconds | null;
  /** Reset to the first instruction of /init; `user` there is firmware and boot code. */
  bootInstructions: DomainCounts | null;
  /** From /proc/meminfo, in KiB. */
  memTotalKiB: number | null;
  /** The kernel's own `Memory: ...` line. */
  memoryLine: string | null;
  /** Ids of earlier runs with the same inputHash whose counts differ from this run's. */
  differsFrom: number[];
}

export interface MeasurementRecord extends WorkloadCost {
  runId: number;
}

/** Every iteration's counts of one workload, in order; the three lists are equally long. */
export interface Samples {
  workload: string;
  user: Instructions[];
  kernel: Instructions[];
  hypervisor: Instructions[];
}

export interface SampleRecord extends Samples {
  runId: number;
}

/** What a caller gives to have an image recorded; the digest decides whether it is new. */
export type NewImage = Omit<ImageRecord, 'id' | 'createdAt'>;

export interface NewExperiment {
  name: string;
  note: string;
  plan: Plan;
  planHash: Sha256;
}

/** What is known of a run when it starts. */
export type NewRun = Pick<
  RunRecord,
  | 'experimentId'
  | 'cell'
  | 'repetition'
  | 'imageSha256'
  | 'label'
  | 'environment'
  | 'inputHash'
  | 'program'
  | 'argv'
  | 'kernelCommandLine'
  | 'xenCommandLine'
  | 'versions'
  | 'cpu'
>;

/** What a run leaves behind: stored in one transaction, all of it or nothing. */
export interface RunResult extends Pick<
  RunRecord,
  'bootInstructions' | 'memTotalKiB' | 'memoryLine'
> {
  state: Exclude<RunState, 'running'>;
  /** What the hypervisor itself printed; more exact than the file's name. */
  xenVersion?: string | undefined;
  outcome: BootOutcome;
  evidence: string;
  wall: Milliseconds;
  console: Uint8Array;
  consoleTruncated: boolean;
  measurements: WorkloadCost[];
  samples: Samples[];
}

/** The serial console of a run, as bytes: a guest may write anything. */
export interface ConsoleRecord {
  bytes: Uint8Array;
  /** The end is missing: the guest wrote more than is kept. */
  truncated: boolean;
}

/** Who holds a lock, for the word a waiting user is given. */
export interface LockHolder {
  name: string;
  /** What the holder said it is doing: `building native`. */
  what: string;
  pid: number;
  since: string;
}
