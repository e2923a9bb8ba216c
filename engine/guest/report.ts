import type { Instructions } from '../units.js';

/** What the guest's kernel and /init say about themselves on the console. */
export interface GuestReport {
  /** From /proc/meminfo, in KiB, before any workload ran. */
  memTotalKiB: number | undefined;
  /** The kernel's own `Memory: 480300K/523896K available (...)`, without its time stamp. */
  memoryLine: string | undefined;
  /** Cheapest counted iteration of each workload as rdtsc saw it, the time stamps' own cost included. */
  tsc: Map<string, Instructions>;
  /** Workloads that ended with another wait status than 0. */
  failed: Map<string, number>;
  /** What a workload said was wrong. */
  errors: string[];
}

/** Reads the lines that engine/native/guest writes (they are listed in init.c and workload.c). */
export function readGuestReport(console: string): GuestReport {
  const memTotal = /KBL-MEMORY MemTotal:\s+(\d+) kB/.exec(console)?.[1];
  return {
    memTotalKiB: memTotal === undefined ? undefined : Number(memTotal),
    memoryLine: /Memory: \d+K\/\d+K available[^\r\n]*/.exec(console)?.[0],
    tsc: numbers(console, /^KBL-TSC (\w+) (\d+)\r?$/gm),
    failed: numbers(console, /^KBL-FAILED (\w+) (\d+)\r?$/gm),
    errors: [...console.matchAll(/^KBL-ERROR ([^\r\n]*)/gm)].map((match) => match[1] ?? ''),
  };
}

/** The workload that a console line says has begun. */
export function begunWorkload(line: string): string | undefined {
  return /^KBL-WORKLOAD (\w+)/.exec(line)?.[1];
}

function numbers(text: string, pattern: RegExp): Map<string, number> {
  return new Map([...text.matchAll(pattern)].map((match) => [match[1] ?? '', Number(match[2])]));
}
