import { defineError } from './lab-error.js';

/** Errors of measuring: the counter plugin, its file, and the checks on figures. */
export const measureErrors = {
  counterFile: defineError<{ file: string; why: string }>(
    'counter-file-malformed',
    'guest',
    "the counter plugin's file is cut off at the front or was not written by it",
    ({ file, why }) => ({
      message: `the counter file cannot be used: ${why}`,
      place: { file },
      hint: 'run the measurement again; if it happens again, keep the file and report it',
    }),
  ),
  pluginApi: defineError<{ emulator: string }>(
    'plugin-api-unknown',
    'environment',
    'the installed QEMU has no TCG plugin API that the counter plugin knows',
    ({ emulator }) => ({
      message: `${emulator} offers no TCG plugin API that the instruction counter knows`,
      hint: 'measure with QEMU 7.2 to 10.x built with --enable-plugins; booting works without',
    }),
  ),
  unknownWorkload: defineError<{ name: string; known: string[] }>(
    'workload-unknown',
    'usage',
    '--workloads names one that does not exist',
    ({ name, known }) => ({
      message: `there is no workload "${name}"`,
      hint: `the workloads are ${known.join(', ')}`,
    }),
  ),
  incomplete: defineError<{ missing: string[] }>(
    'measurement-incomplete',
    'guest',
    'the guest ended without running every workload to its last iteration',
    ({ missing }) => ({
      message: `the guest did not finish ${missing.join(', ')}`,
      hint: "read the run's console: kbl experiments EXPERIMENT --console RUN",
    }),
  ),
  crossCheck: defineError<{ workload: string; plugin: number; tsc: number }>(
    'counters-disagree',
    'mismatch',
    'the counter plugin and rdtsc under -icount do not agree on what an iteration cost',
    ({ workload, plugin, tsc }) => ({
      message: `${workload}: the counter plugin says ${String(plugin)} instructions, rdtsc ${String(tsc)}`,
      hint: 'the figures of this run cannot be trusted; check that nothing else changed -icount or the CPU model',
    }),
  ),
};
