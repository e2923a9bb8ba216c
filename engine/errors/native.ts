import { defineError } from './lab-error.js';

/** Errors of compiling the lab's own C programs. */
export const nativeErrors = {
  compilerMissing: defineError<{ compiler: string }>(
    'compiler-missing',
    'environment',
    'there is no C compiler for the guest programs and the counter plugin',
    ({ compiler }) => ({
      message: `${compiler} cannot be run; the guest programs and the counter plugin are compiled with it`,
      hint: 'install it (Debian: apt-get install gcc libc6-dev), or see what else is missing: kbl doctor',
    }),
  ),
  buildFailed: defineError<{ program: string; command: string; output: string }>(
    'native-build-failed',
    'environment',
    'a guest program or the counter plugin did not compile',
    ({ program, command, output }) => ({
      message: `${program} did not compile: ${output.trim().split('\n').slice(0, 3).join(' | ')}`,
      hint: `run the compiler by hand to see all of it: ${command}`,
    }),
  ),
};
