import { realpath } from 'node:fs/promises';
import { buildErrors } from '../errors/index.js';

/**
 * The environment of every build: fixed where it can change a byte of the
 * kernel (Documentation/kbuild/reproducible-builds.rst), and nothing of the
 * user's own but where to find programs and put temporary files.
 */
export const fixedEnvironment: Readonly<Record<string, string>> = {
  ARCH: 'x86',
  LC_ALL: 'C',
  TZ: 'UTC',
  SOURCE_DATE_EPOCH: '1577836800',
  KBUILD_BUILD_TIMESTAMP: 'Wed Jan  1 00:00:00 UTC 2020',
  KBUILD_BUILD_USER: 'kbl',
  KBUILD_BUILD_HOST: 'kbl',
  KBUILD_BUILD_VERSION: '1',
  // Set but empty: scripts/setlocalversion then adds nothing for a git tree.
  LOCALVERSION: '',
};

export function buildEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return {
    PATH: PATH ?? '/usr/local/bin:/usr/bin:/bin',
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    HOME: '/nonexistent',
    ...fixedEnvironment,
  };
}

/**
 * Refuses a folder whose path kbuild would take apart: it would then write next
 * to that folder, and into the source tree, without a word. Its Makefile says
 * "cannot contain spaces or colons" of the source tree only; commas (`-Wp,-MMD,`)
 * and what make and the shell expand are no better.
 * @param what what the folder is to be: `the source tree`
 * @throws build-path-unusable
 */
export async function requirePlainPath(folder: string, what: string): Promise<void> {
  // make sees the real path, whatever links lead there.
  const real = await realpath(folder);
  if (!/^[\p{L}\p{N}._/+@~-]+$/u.test(real)) throw buildErrors.pathUnusable({ folder: real, what });
}

/** Arguments of make for an out-of-tree build. */
export function makeArguments(tree: string, output: string, target: string, jobs = 1): string[] {
  return ['--no-print-directory', `-j${jobs}`, '-C', tree, `O=${output}`, target];
}
