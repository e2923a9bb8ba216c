import { defineError } from './lab-error.js';

/** An option that was asked for and did not survive `make olddefconfig`. */
export interface LostOptionText {
  /** `CONFIG_XEN_PV=y` */
  asked: string;
  /** The fragment that asked. */
  fragment: string;
  /** `is not set`, `=y`, ... */
  became: string;
  /** Why, as far as the tree's Kconfig files tell. */
  why: string;
}

/** Errors of building kernels (engine/build). */
export const buildErrors = {
  unknownFlavour: defineError<{ name: string; known: readonly string[] }>(
    'build-unknown-flavour',
    'usage',
    'a flavour was named that is neither shipped nor a fragment file',
    ({ name, known }) => ({
      message: `there is no flavour "${name}"`,
      hint: `take one of ${known.join(', ')}, or give the path of a kconfig fragment that ends in .config`,
    }),
  ),
  fragmentSyntax: defineError<{ file: string; line: number; text: string }>(
    'build-fragment-syntax',
    'input',
    'a line of a kconfig fragment is neither an option nor a comment',
    ({ file, line, text }) => ({
      message: `line ${line} is not a kconfig option: ${text}`,
      place: { file },
      hint: 'write CONFIG_NAME=y, =m, =n, a number or a "string", or "# CONFIG_NAME is not set"',
    }),
  ),
  fragmentName: defineError<{ name: string }>(
    'build-fragment-name',
    'usage',
    'a fragment of the workspace was given a name that no file should have',
    ({ name }) => ({
      message: `a fragment cannot be called ${JSON.stringify(name.slice(0, 80))}`,
      hint: 'take letters, digits and . _ -, at most 64, with a letter or digit first',
    }),
  ),
  sourceMissing: defineError<{ version: string | undefined; found: readonly string[] }>(
    'build-source-missing',
    'environment',
    'no kernel source package is installed, or not the asked version',
    ({ version, found }) => ({
      message:
        version === undefined
          ? 'no kernel source is installed under /usr/src'
          : `linux-source-${version} is not installed (found: ${found.join(', ') || 'none'})`,
      hint: `apt-get install linux-source-${version ?? '6.1'}, or give a source tree with --source DIR`,
    }),
  ),
  unpackFailed: defineError<{ file: string; detail: string }>(
    'build-unpack-failed',
    'environment',
    'the kernel source tarball could not be unpacked',
    ({ file, detail }) => ({
      message: `cannot unpack the kernel source: ${detail}`,
      place: { file },
      hint: 'about 1.5 GB of disk space and xz-utils are needed; reinstall the source package if the file is damaged',
    }),
  ),
  notAKernelTree: defineError<{ folder: string; missing: string }>(
    'build-not-a-kernel-tree',
    'input',
    'the folder given as source is not a Linux source tree with x86',
    ({ folder, missing }) => ({
      message: `this is not a Linux source tree for x86: ${missing}`,
      place: { file: folder },
      hint: 'give the top folder of a kernel tree, the one with MAINTAINERS and arch/',
    }),
  ),
  treeNotClean: defineError<{ folder: string; trace: string }>(
    'build-tree-not-clean',
    'input',
    'the source tree was configured or built in place, so that kbuild refuses to build it elsewhere',
    ({ folder, trace }) => ({
      message: `the source tree was configured or built in place (it has ${trace})`,
      place: { file: folder },
      hint: `save its .config if you need it, then: make -C ${folder} mrproper`,
    }),
  ),
  pathUnusable: defineError<{ folder: string; what: string }>(
    'build-path-unusable',
    'usage',
    "the workspace or the source tree has a blank, a colon or the like in its path, which the kernel's makefiles would split",
    ({ folder, what }) => ({
      message: `a kernel cannot be built with ${JSON.stringify(folder)} as ${what}: its makefiles take a path apart at blanks and special characters`,
      place: { file: folder },
      hint: 'take a path of letters, digits and . _ + @ ~ -, for the workspace with --workspace or KBL_HOME',
    }),
  ),
  toolMissing: defineError<{ tools: readonly string[]; packages: readonly string[] }>(
    'build-tool-missing',
    'environment',
    'a program or library that the kernel build needs is not installed',
    ({ tools, packages }) => ({
      message: `the kernel build needs ${tools.join(', ')}`,
      hint: `apt-get install ${packages.join(' ')}   (kbl doctor knows other distributions)`,
    }),
  ),
  optionsLost: defineError<{
    flavour: string;
    version: string;
    lost: readonly LostOptionText[];
  }>(
    'build-options-lost',
    'build',
    'the kernel configuration refused options that the flavour asks for',
    ({ flavour, version, lost }) => ({
      message: [
        `flavour ${flavour}: Linux ${version} did not keep ${lost.length} of the options asked for:`,
        ...lost.map(
          ({ asked, fragment, became, why }) =>
            `  ${asked} (${fragment}) became "${became}": ${why}`,
        ),
      ].join('\n'),
      place: { file: lost[0]?.fragment },
      hint: 'change the fragment, add what the options depend on, or take another source tree',
    }),
  ),
  configureFailed: defineError<{ command: string; tail: readonly string[] }>(
    'build-configure-failed',
    'build',
    'make tinyconfig or make olddefconfig failed',
    ({ command, tail }) => ({
      message: ['the kernel could not be configured:', ...tail.map((line) => `  ${line}`)].join(
        '\n',
      ),
      hint: `try it by hand, in an empty folder: ${command}`,
    }),
  ),
  makeFailed: defineError<{
    what: string;
    errors: readonly string[];
    log: string;
    hint: string | undefined;
  }>('build-make-failed', 'build', 'make stopped with an error', ({ what, errors, log, hint }) => ({
    message: [`${what} failed:`, ...errors.map((line) => `  ${line}`)].join('\n'),
    place: { file: log },
    hint: hint ?? 'the log has the whole output of make',
  })),
};
