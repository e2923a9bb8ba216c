import { measureErrors } from '../errors/measure.js';
import { compileNative } from '../native/compile.js';
import type { Workspace } from '../workspace/types.js';

/**
 * Which of the plugin's API layers a QEMU asks for, from the first line of
 * `qemu-system-x86_64 --version`. API 1 came with 4.2 and went with 9.0 (docs
 * of QEMU's TCG plugins, "API versioning"); the plugin itself refuses an API
 * that is newer than it knows.
 * @throws plugin-api-unknown
 */
export function pluginLayer(emulatorVersion: string): 'api-v1' | 'api-v2' {
  const major = /version (\d+)\.(\d+)/.exec(emulatorVersion);
  const version = Number(major?.[1]) + Number(major?.[2]) / 100;
  if (version >= 9) return 'api-v2';
  if (version >= 4.02) return 'api-v1';
  throw measureErrors.pluginApi({ emulator: emulatorVersion });
}

const flags = [
  ...['-O2', '-Wall', '-Wextra', '-std=gnu11'],
  ...['-fPIC', '-shared', '-fvisibility=hidden'],
];

/**
 * Compiles the counter plugin for an emulator.
 * @returns path of the shared object
 * @throws plugin-api-unknown, compiler-missing, native-build-failed
 */
export async function counterPlugin(
  workspace: Workspace,
  emulatorVersion: string,
): Promise<string> {
  const layer = pluginLayer(emulatorVersion);
  return compileNative(workspace, {
    name: `counter-${layer}.so`,
    sources: ['plugin/counter.c', 'plugin/sites.c', `plugin/${layer}.c`],
    headers: ['plugin/counter-api.h', 'plugin/domain.h', 'plugin/sites.h'],
    flags,
  });
}

/**
 * Compiles the plugin that shows a guest's counts while it runs (live-counts.ts).
 * @returns path of the shared object
 * @throws plugin-api-unknown, compiler-missing, native-build-failed
 */
export async function livePlugin(workspace: Workspace, emulatorVersion: string): Promise<string> {
  const layer = pluginLayer(emulatorVersion);
  return compileNative(workspace, {
    name: `live-${layer}.so`,
    sources: ['plugin/live.c', `plugin/${layer}.c`],
    headers: ['plugin/counter-api.h', 'plugin/domain.h'],
    flags: [...flags, '-pthread'],
  });
}
