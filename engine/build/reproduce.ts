import type { Sha256 } from '../units.js';
import { fixedEnvironment } from './environment.js';
import { optionLines, type AskedOption } from './kconfig.js';
import type { KernelSource } from './source.js';

const packages = 'gcc make bc flex bison libelf-dev xz-utils';

/**
 * Shell commands that build the same image in an empty folder of another Debian
 * machine, without the lab, and that stop where a byte differs. To be run by
 * one shell, in order (`sh -e`).
 */
export function reproduceCommands(build: {
  source: KernelSource;
  version: string;
  asked: ReadonlyMap<string, AskedOption>;
  config: Sha256;
  bzImage: Sha256;
}): string[] {
  const { source, version, asked, config, bzImage } = build;
  const fixed = Object.entries(fixedEnvironment).map(([name, value]) => `${name}=${quote(value)}`);
  return [
    ...sourceCommands(source, version),
    `kernel_make() { env -i PATH="$PATH" HOME=/nonexistent ${fixed.join(' ')} make -C linux O="$PWD/build" "$@"; }`,
    'mkdir build',
    'kernel_make tinyconfig',
    `cat >> build/.config <<'KBL'\n${optionLines(asked).join('\n')}\nKBL`,
    'kernel_make olddefconfig',
    checkCommand(config, 'build/.config'),
    'kernel_make -j"$(nproc)" bzImage',
    checkCommand(bzImage, 'build/arch/x86/boot/bzImage'),
  ];
}

/** Commands that put the source tree at `./linux`. */
function sourceCommands({ origin, revision, tarball }: KernelSource, version: string): string[] {
  if (tarball === undefined)
    return [
      `sudo apt-get install --yes ${packages}`,
      `# put the source of Linux ${version} at ./linux: ${revision ?? `a copy of ${origin}`}`,
      'test -f linux/Kconfig',
    ];
  return [
    `sudo apt-get install --yes ${origin}${revision === undefined ? '' : `=${revision}`} ${packages}`,
    checkCommand(tarball.sha256, tarball.file),
    `mkdir linux && tar -C linux --strip-components=1 -xf ${quote(tarball.file)}`,
  ];
}

function checkCommand(digest: Sha256, file: string): string {
  return `echo ${quote(`${digest}  ${file}`)} | sha256sum --check`;
}

function quote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
