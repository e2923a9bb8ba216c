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

/** Arguments of make for an out-of-tree build. */
export function makeArguments(tree: string, output: string, target: string, jobs = 1): string[] {
  return ['--no-print-directory', `-j${jobs}`, '-C', tree, `O=${output}`, target];
}
