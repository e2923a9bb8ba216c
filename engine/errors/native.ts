import { defineError } from './lab-error.js';

/** Errors of compiling the lab's own C programs. */
export const nativeErrors = {
  compilerMissing: defineError<{ compiler: string }>(
    'compiler-missing',
    'environment',
    'there is no C compiler or linker for the guest programs, the counter plugin and the boot stub',
    ({ compiler }) => ({
      message: `${compiler} cannot be run; the guest programs, the counter plugin and the boot stub are made with it`,
      hint: 'install it (Debian: apt-get install gcc binutils libc6-dev), or see what else is missing: kbl doctor',
    }),
  ),
  libraryMissing: defineError<{ library: string }>(
    'native-library-missing',
    'environment',
    'a static library that the boot stub of a multi-image is linked with is not installed',
    ({ library }) => ({
      message: `the compiler finds no ${library}, with which the boot stub is linked`,
      hint: 'install its development package: kbl doctor names it',
    }),
  ),
  buildFailed: defineError<{ program: string; command: string; output: string }>(
    'native-build-failed',
    'environment',
    'a guest program, the counter plugin or the boot stub did not compile',
    ({ program, command, output }) => ({
      message: `${program} did not compile: ${output.trim().split('\n').slice(0, 3).join(' | ')}`,
      hint: `run the compiler by hand to see all of it: ${command}`,
    }),
  ),
};
