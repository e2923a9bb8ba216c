import { workloadHeader } from '../measure/workloads.js';
import { compileNative } from '../native/compile.js';
import type { Workspace } from '../workspace/types.js';

/**
 * The guest's own programs. They are freestanding (no C library), so that the
 * same source gives the same instructions on any machine with the same
 * compiler; without SSE and with plain loops, so that user counts stay readable.
 */

const flags = [
  '-O2',
  '-Wall',
  '-Wextra',
  '-std=gnu11',
  '-static',
  '-nostdlib',
  '-ffreestanding',
  '-fno-pic',
  '-no-pie',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  '-fcf-protection=none',
  '-mno-sse',
  '-fno-tree-loop-distribute-patterns',
  '-Wl,--build-id=none',
  '-Wl,-z,noexecstack',
  '-Wl,-z,norelro',
  '-s',
];

export interface GuestPrograms {
  /** Host paths of the compiled programs. */
  init: string;
  workload: string;
  true: string;
}

/** Compiles the guest's programs, or finds them compiled. @throws see compileNative */
export async function guestPrograms(workspace: Workspace): Promise<GuestPrograms> {
  const [init, workload, exit] = await Promise.all([
    compileNative(workspace, {
      name: 'init',
      sources: ['guest/init.c'],
      headers: ['guest/system.h', 'guest/marker.h', 'guest/come-up.h'],
      flags,
    }),
    compileNative(workspace, {
      name: 'workload',
      sources: ['guest/workload.c'],
      headers: ['guest/system.h', 'guest/marker.h'],
      generated: { 'workload-ids.h': workloadHeader() },
      flags,
    }),
    compileNative(workspace, {
      name: 'true',
      sources: ['guest/true.c'],
      headers: ['guest/system.h'],
      flags,
    }),
  ]);
  return { init, workload, true: exit };
}

/** /init of a guest that is only looked at. @throws see compileNative */
export function holdProgram(workspace: Workspace): Promise<string> {
  return compileNative(workspace, {
    name: 'hold',
    sources: ['guest/hold.c'],
    headers: ['guest/system.h', 'guest/come-up.h'],
    flags,
  });
}
