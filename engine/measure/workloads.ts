import type { WorkloadName } from './types.js';

/** A workload of the guest program (engine/native/guest/workload.c). */
export interface Workload {
  name: WorkloadName;
  /** Number in its markers; never reused, since stored counter files hold it. */
  id: number;
  /** Iterations before those that are counted: caches, page tables and free lists fill. */
  warmUp: number;
  /** Counted iterations. */
  iterations: number;
  /** What one operation is, for tables and docs. */
  operation: string;
  /** The lmbench test that measures the same, where there is one. */
  lmbench?: string;
  /**
   * Page faults of one operation, where they are known. A faulting instruction
   * is counted by the plugin each time it starts, by rdtsc only when it completes.
   */
  faults: number | undefined;
}

function workload(
  id: number,
  name: WorkloadName,
  operation: string,
  more: { lmbench?: string; faults?: number | undefined } = {},
): Workload {
  return { id, name, operation, warmUp: 100, iterations: 1000, faults: 0, ...more };
}

/**
 * Nothing at all between two markers. It runs before every plan: its rdtsc
 * figure is what the time stamps around the markers cost by themselves.
 */
export const calibration: Workload = workload(0, 'empty', 'nothing: what the markers cost');

/** In the order of tables: simple system calls first, then heavier and memory work. */
export const workloads: readonly Workload[] = [
  workload(1, 'null', 'getppid()', { lmbench: 'lat_syscall null' }),
  workload(2, 'read', 'read 1 byte of /dev/zero', { lmbench: 'lat_syscall read' }),
  workload(3, 'write', 'write 1 byte to /dev/null', { lmbench: 'lat_syscall write' }),
  workload(4, 'stat', 'stat() a file of the root file system', { lmbench: 'lat_syscall stat' }),
  workload(5, 'open_close', 'open() and close() that file', { lmbench: 'lat_syscall open' }),
  workload(6, 'sig_install', 'install a signal handler', { lmbench: 'lat_sig install' }),
  workload(7, 'sig_deliver', 'kill() oneself and return from the handler', {
    lmbench: 'lat_sig catch',
  }),
  workload(13, 'select_100', 'select() on 100 pipe ends', { lmbench: 'lat_select pipe' }),
  workload(8, 'pipe', '1 byte to another process and back through pipes', {
    lmbench: 'lat_pipe, lat_ctx',
  }),
  workload(14, 'unix_stream', '1 byte to another process and back through a UNIX socket', {
    lmbench: 'lat_unix',
  }),
  workload(9, 'fork_exit', 'fork(), _exit() in the child, wait4()', {
    lmbench: 'lat_proc fork',
    faults: undefined,
  }),
  workload(10, 'fork_exec', 'fork(), execve() a static program that exits, wait4()', {
    lmbench: 'lat_proc exec',
    faults: undefined,
  }),
  workload(12, 'page_fault', 'write to a page of anonymous memory for the first time', {
    lmbench: 'lat_pagefault',
    faults: 1,
  }),
  workload(11, 'mmap_touch', 'map 16 anonymous pages, write to each, unmap', {
    lmbench: 'lat_mmap',
    faults: 16,
  }),
  workload(15, 'mmap_perf', '4 areas of 4 pages mapped, touched, half made read-only, unmapped', {
    faults: 16,
  }),
];

const byName = new Map([calibration, ...workloads].map((one) => [one.name, one]));
const byId = new Map([calibration, ...workloads].map((one) => [one.id, one]));

export function workloadByName(name: string): Workload | undefined {
  return byName.get(name);
}

export function workloadById(id: number): Workload | undefined {
  return byId.get(id);
}

/**
 * `workload-ids.h` of the guest program: the one place where ids and
 * iterations are written down is the table above.
 */
export function workloadHeader(): string {
  const lines = ['ID', 'WARM_UP', 'ITERATIONS'].map(
    (what) => `#define ${what}(name) ${what}_##name`,
  );
  for (const one of byName.values()) {
    lines.push(`#define ID_${one.name} ${String(one.id)}`);
    lines.push(`#define WARM_UP_${one.name} ${String(one.warmUp)}`);
    lines.push(`#define ITERATIONS_${one.name} ${String(one.warmUp + one.iterations)}`);
  }
  return lines.join('\n') + '\n';
}
