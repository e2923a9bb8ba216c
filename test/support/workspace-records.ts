import { createHash } from 'node:crypto';
import type { NewExperiment, NewImage, NewRun, RunResult } from '../../db/records.js';
import type { BuildRecord } from '../../engine/build/types.js';
import type { Plan } from '../../engine/experiment/types.js';
import type { WorkloadCost } from '../../engine/measure/types.js';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export const plan: Plan = {
  schema: 1,
  cells: [{ image: sha256('native'), label: 'native', environment: 'bare' }],
  workloads: ['null'],
  repeat: 1,
  machine: { cpu: 'qemu64', memory: 512, dom0Memory: 384 },
  append: '',
};

export function newImage(name: string, changes: Partial<NewImage> = {}): NewImage {
  return {
    sha256: sha256(name),
    kind: 'imported',
    name,
    flavour: null,
    kernelVersion: null,
    size: 2_600_000,
    build: null,
    parts: [],
    patch: null,
    origin: null,
    ...changes,
  };
}

export function buildRecord(key: string): BuildRecord {
  const artifact = { sha256: sha256(key), size: 1 };
  return {
    schema: 1,
    flavour: 'native',
    key: sha256(key),
    source: {
      origin: 'linux-source-6.1',
      version: '6.1.192',
      digest: sha256('source'),
      digestMethod: 'tarball',
    },
    configuration: { digest: sha256('config'), fragments: [] },
    toolchain: { gcc: '12.2.0' },
    environment: { KBUILD_BUILD_USER: 'kbl' },
    reproduce: ['make bzImage'],
    relinkable: true,
    steps: 1200,
    builtAt: '2026-01-01T00:00:00.000Z',
    artifacts: { bzImage: artifact, vmlinux: artifact, config: artifact, systemMap: artifact },
    wall: 200_000,
  };
}

export function newExperiment(name: string): NewExperiment {
  return { name, note: '', plan, planHash: sha256('plan') };
}

export function newRun(experimentId: number, changes: Partial<NewRun> = {}): NewRun {
  return {
    experimentId,
    cell: 0,
    repetition: 0,
    imageSha256: sha256('native'),
    label: 'native',
    environment: 'bare',
    inputHash: sha256('inputs'),
    program: 'qemu-system-x86_64',
    argv: ['-kernel', 'bzImage', '-append', 'console=ttyS0 "quoted"'],
    kernelCommandLine: 'console=ttyS0',
    xenCommandLine: null,
    versions: { emulator: 'QEMU emulator version 7.2.22', xen: null, plugin: '1' },
    cpu: 'qemu64',
    ...changes,
  };
}

export function cost(workload: string, instructions = 200): WorkloadCost {
  return {
    workload,
    iterations: 3,
    instructions,
    statistic: 'mode',
    split: { user: 20, kernel: instructions - 20, hypervisor: 0 },
    minimum: instructions,
    mean: instructions + 0.25,
    maximum: instructions + 1,
    disturbed: 1,
  };
}

export function runResult(changes: Partial<RunResult> = {}): RunResult {
  return {
    state: 'done',
    outcome: 'completed',
    evidence: 'init said it was done',
    wall: 4000.5,
    bootInstructions: { user: 7_200_000, kernel: 507_000_000, hypervisor: 0 },
    memTotalKiB: 498_000,
    memoryLine: 'Memory: 498000K/523900K available',
    console: Buffer.from('Linux version 6.1\r\n'),
    consoleTruncated: false,
    measurements: [cost('null')],
    samples: [
      { workload: 'null', user: [20, 20, 20], kernel: [180, 180, 181], hypervisor: [0, 0, 0] },
    ],
    ...changes,
  };
}
