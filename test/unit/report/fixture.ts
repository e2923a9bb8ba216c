import type {
  ExperimentRecord,
  ImageRecord,
  MeasurementRecord,
  RunRecord,
} from '../../../db/records.js';
import type { EnvironmentName } from '../../../engine/boot/types.js';
import type { CompareInput } from '../../../engine/report/comparison.js';
import type { DomainCounts } from '../../../engine/measure/types.js';

/** The standard experiment, with figures of the size that real runs give. */

export const digest = (letter: string): string => letter.repeat(64);

export const image = (part: Partial<ImageRecord> & { sha256: string }): ImageRecord => ({
  id: 1,
  kind: 'built',
  name: 'native-6.1.192',
  flavour: 'native',
  kernelVersion: '6.1.192',
  size: 2_612_352,
  build: null,
  parts: [],
  patch: null,
  origin: null,
  createdAt: '2026-03-02T10:00:00Z',
  ...part,
});

const images = [
  image({ sha256: digest('a') }),
  image({ sha256: digest('b'), id: 2, name: 'xen-6.1.192', flavour: 'xen', size: 2_914_688 }),
  image({
    sha256: digest('c'),
    id: 3,
    kind: 'merged',
    name: 'multi-6.1.192',
    flavour: null,
    size: 5_527_064,
  }),
];

/** Workload, then its split (user, kernel, hypervisor) for native/bare, xen/bare, xen/dom0. */
type Split = [number, number, number];
const costs: [string, Split, Split, Split][] = [
  ['null', [9, 194, 0], [9, 196, 0], [9, 288, 682]],
  ['read', [12, 412, 0], [12, 418, 0], [12, 534, 682]],
  ['write', [12, 367, 0], [12, 373, 0], [12, 489, 682]],
  ['stat', [13, 1_904, 0], [13, 1_938, 0], [13, 2_160, 682]],
  ['open_close', [25, 4_077, 0], [25, 4_164, 0], [25, 4_613, 1_364]],
  ['sig_install', [13, 388, 0], [13, 394, 0], [13, 510, 682]],
  ['sig_deliver', [46, 2_150, 0], [46, 2_189, 0], [46, 2_671, 2_046]],
  ['pipe', [58, 6_182, 0], [58, 6_427, 0], [58, 7_806, 8_415]],
  ['fork_exit', [871, 115_392, 0], [871, 116_770, 0], [871, 168_942, 383_436]],
  ['fork_exec', [2_404, 402_339, 0], [2_404, 407_846, 0], [2_404, 571_008, 1_118_407]],
  ['mmap_touch', [161, 9_934, 0], [161, 10_102, 0], [161, 14_857, 33_870]],
  ['page_fault', [4, 1_208, 0], [4, 1_233, 0], [4, 1_902, 3_741]],
  ['select_100', [21, 9_846, 0], [21, 9_848, 0], [21, 9_940, 682]],
  ['unix_stream', [62, 8_411, 0], [62, 8_689, 0], [62, 10_050, 8_415]],
];

interface CellFacts {
  letter: string;
  label: string;
  environment: EnvironmentName;
  /** Which of the three splits above. */
  split: 0 | 1 | 2;
  boot: DomainCounts;
  memTotalKiB: number;
}

const bare = { user: 3_411_207, kernel: 503_822_190, hypervisor: 0 };
const cells: CellFacts[] = [
  { letter: 'a', label: 'native', environment: 'bare', split: 0, boot: bare, memTotalKiB: 481_236 },
  {
    letter: 'b',
    label: 'xen',
    environment: 'bare',
    split: 1,
    boot: { user: 3_790_118, kernel: 511_094_431, hypervisor: 0 },
    memTotalKiB: 479_108,
  },
  {
    letter: 'b',
    label: 'xen',
    environment: 'xen-pv-dom0',
    split: 2,
    boot: { user: 7_211_950, kernel: 507_730_066, hypervisor: 2_456_118_203 },
    memTotalKiB: 349_420,
  },
  {
    letter: 'c',
    label: 'multi',
    environment: 'bare',
    split: 0,
    boot: { ...bare, user: 3_411_911 },
    memTotalKiB: 481_236,
  },
  {
    letter: 'c',
    label: 'multi',
    environment: 'xen-pv-dom0',
    split: 2,
    boot: { user: 7_903_400, kernel: 507_730_066, hypervisor: 2_459_004_118 },
    memTotalKiB: 349_420,
  },
];

const experiment: ExperimentRecord = {
  id: 12,
  name: 'standard',
  note: '',
  plan: {
    schema: 1,
    cells: cells.map(({ letter, label, environment }) => ({
      image: digest(letter),
      label,
      environment,
    })),
    workloads: costs.map(([name]) => name),
    repeat: 3,
    machine: { cpu: 'qemu64', memory: 512, dom0Memory: 384 },
    append: '',
  },
  planHash: `5f2c1e9a3b44${'0'.repeat(52)}`,
  state: 'done',
  createdAt: '2026-03-02T10:00:00Z',
  finishedAt: '2026-03-02T10:04:11Z',
};

export const run = (part: Partial<RunRecord> & { id: number; cell: number }): RunRecord => {
  const facts = cells[part.cell];
  const xen = facts?.environment === 'xen-pv-dom0';
  return {
    experimentId: 12,
    repetition: 0,
    imageSha256: digest(facts?.letter ?? 'f'),
    label: facts?.label ?? 'other',
    environment: facts?.environment ?? 'bare',
    state: 'done',
    outcome: 'completed',
    evidence: 'init said it was done',
    inputHash: digest('9'),
    program: 'qemu-system-x86_64',
    argv: ['-accel', 'tcg', '-icount', 'shift=0,sleep=off', '-kernel', xen ? 'xen' : 'bzImage'],
    kernelCommandLine: 'console=ttyS0 panic=-1 nokaslr norandmaps',
    xenCommandLine: xen ? 'console=com1 dom0_mem=384M noreboot' : null,
    versions: {
      emulator: 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)',
      xen: xen ? '4.17.5' : null,
      plugin: '1',
    },
    cpu: 'qemu64',
    startedAt: '2026-03-02T10:00:01Z',
    finishedAt: '2026-03-02T10:00:09Z',
    wall: 8_123.4,
    bootInstructions: facts?.boot ?? null,
    memTotalKiB: facts?.memTotalKiB ?? null,
    memoryLine: `Memory: ${facts?.memTotalKiB ?? 0}K/523896K available (8192K kernel code, 1180K rwdata, 1596K rodata, 1140K init, 1404K bss, 42660K reserved, 0K cma-reserved)`,
    differsFrom: [],
    ...part,
  };
};

export const measurement = (
  runId: number,
  workload: string,
  [user, kernel, hypervisor]: Split,
): MeasurementRecord => {
  const instructions = user + kernel + hypervisor;
  return {
    runId,
    workload,
    iterations: 1000,
    instructions,
    // Operations this long are interrupted by a tick at a new place in every iteration.
    statistic: instructions > 1_000_000 ? 'median' : 'mode',
    split: { user, kernel, hypervisor },
    minimum: instructions,
    mean: instructions + 2.75,
    maximum: instructions + 2_713,
    disturbed: 3,
  };
};

/** A fresh copy of the standard experiment: tests change what they like in it. */
export function standard(): CompareInput & {
  experiment: ExperimentRecord;
  images: ImageRecord[];
  runs: RunRecord[];
  measurements: MeasurementRecord[];
} {
  const runs = cells.flatMap((_, cell) =>
    [0, 1, 2].map((repetition) => run({ id: cell * 3 + repetition + 1, cell, repetition })),
  );
  const measurements = runs.flatMap(({ id, cell }) =>
    costs.map(([name, ...splits]) => measurement(id, name, splits[cells[cell]?.split ?? 0])),
  );
  return structuredClone({ experiment, images, runs, measurements });
}
