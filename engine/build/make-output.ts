/** What make's quiet output says: how far the build is, and what went wrong. */

/** `  CC      kernel/fork.o`: one object, archive or link done. */
const step = /^ {2}(?:CC|AS|AR|LD|HOSTCC|HOSTLD) +(?:\[M\] +)?\S/;

/** Lines that name the cause, by who prints them: compilers, the linker, the shell. */
const causes: readonly RegExp[] = [
  /^\S+?:\d+(?::\d+)?: (?:fatal )?error: /,
  /^(?:\S*gcc|\S*ld|\S*as|cc1): (?:fatal )?error: /,
  /: undefined reference to /,
  /^\S*ld(?:\.bfd)?: (?!warning)/,
  /: (?:command )?not found$/,
  /No space left on device/,
  /^(?:error|\*\*\*|ERROR): /i,
];

const makeGivesUp = /^make(?:\[\d+\])?: \*\*\* /;

/** How many lines of cause an error shows. */
const shown = 8;

export interface MakeReader {
  /** Takes one line; tells whether it was a step. */
  line(text: string): boolean;
  readonly steps: number;
  /** The lines that say what went wrong, first ones first; make's own last words if nothing else. */
  failure(): string[];
}

export function createMakeReader(): MakeReader {
  let steps = 0;
  const found: string[] = [];
  const lastWords: string[] = [];
  return {
    line(text) {
      if (step.test(text)) {
        steps += 1;
        return true;
      }
      if (makeGivesUp.test(text)) lastWords.push(text);
      else if (found.length < shown && causes.some((cause) => cause.test(text))) found.push(text);
      return false;
    },
    get steps() {
      return steps;
    },
    failure: () =>
      found.length > 0
        ? found
        : lastWords.length > 0
          ? lastWords.slice(0, shown)
          : ['make ended without saying why'],
  };
}

/** What to install for headers whose absence is the usual cause of a failed build. */
const packagesOfHeaders: readonly [RegExp, string][] = [
  [/(?:gelf|libelf)\.h: No such file/, 'libelf-dev'],
  [/openssl\/\S+\.h: No such file/, 'libssl-dev'],
];

/** The hint for a failure, where its lines have a well-known cause. */
export function hintForFailure(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    if (line.includes('No space left on device'))
      return 'free some space (a build needs about 250 MB), then start again';
    for (const [header, name] of packagesOfHeaders)
      if (header.test(line)) return `apt-get install ${name}, then start again`;
  }
  return undefined;
}
